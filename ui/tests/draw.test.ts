// Drawing an area, step by step.
import { describe, expect, it } from 'vitest'
import { idle, step, type Drawing, type Step } from '~/map/draw'
import type { Ring } from '~/map/geometry'

const run = (...steps: Step[]): Drawing => steps.reduce(step, idle)
const ring: Ring = [[0, 0], [1, 0], [1, 1], [0, 1]]

describe('drawing', () => {
  it('adds corners, takes the last one back, and ends', () => {
    const drawing = run({ do: 'draw' }, { do: 'add', at: [0, 0] }, { do: 'add', at: [1, 0] }, { do: 'back' })
    expect(drawing).toMatchObject({ kind: 'drawing', points: [[0, 0]] })
    expect(step(drawing, { do: 'end' })).toBe(idle)
  })

  it('of nothing hears nothing', () => {
    expect(run({ do: 'add', at: [0, 0] })).toBe(idle)
  })
})

describe('editing', () => {
  it('moves the corner that is held, around the shape', () => {
    const edited = run({ do: 'edit', index: 0, ring }, { do: 'hold', corner: -1 }, { do: 'move', at: [5, 5] })
    expect(edited).toMatchObject({ corner: 3, points: [[0, 0], [1, 0], [1, 1], [5, 5]] })
  })

  it('splits a side and keeps at least three corners', () => {
    const split = run({ do: 'edit', index: 0, ring }, { do: 'split', after: 1, at: [2, 0.5] })
    expect(split).toMatchObject({ corner: 2, points: [[0, 0], [1, 0], [2, 0.5], [1, 1], [0, 1]] })
    const least = [1, 2, 3].reduce((now) => step(now, { do: 'back' }), split)
    expect(least.kind === 'editing' && least.points).toHaveLength(3)
  })
})
