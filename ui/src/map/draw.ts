// Drawing areas: what a click or a key does to the shape, as a pure step. The map only shows the outcome.
import type { LngLat, Ring } from './geometry'

export type Drawing =
  | { kind: 'idle' }
  /** A new area: its points so far, and where the keyboard's cursor is. */
  | { kind: 'drawing'; points: Ring; cursor: LngLat | null }
  /** An area there is: which of its corners is held, and its shape so far. */
  | { kind: 'editing'; index: number; points: Ring; corner: number }

export type Step =
  | { do: 'draw' }
  | { do: 'edit'; index: number; ring: Ring }
  | { do: 'add'; at: LngLat }
  | { do: 'back' }
  | { do: 'cursor'; at: LngLat }
  | { do: 'hold'; corner: number }
  | { do: 'move'; at: LngLat }
  | { do: 'split'; after: number; at: LngLat }
  | { do: 'end' }

export const idle: Drawing = { kind: 'idle' }
/** The fewest corners of an area. */
export const LEAST_CORNERS = 3

export function step(now: Drawing, change: Step): Drawing {
  switch (change.do) {
    case 'draw':
      return { kind: 'drawing', points: [], cursor: null }
    case 'edit':
      return { kind: 'editing', index: change.index, points: change.ring, corner: 0 }
    case 'end':
      return idle
    default:
      return now.kind === 'drawing' ? drawn(now, change) : now.kind === 'editing' ? edited(now, change) : now
  }
}

function drawn(now: Extract<Drawing, { kind: 'drawing' }>, change: Step): Drawing {
  if (change.do === 'add') return { ...now, points: [...now.points, change.at] }
  if (change.do === 'back') return { ...now, points: now.points.slice(0, -1) }
  if (change.do === 'cursor') return { ...now, cursor: change.at }
  return now
}

function edited(now: Extract<Drawing, { kind: 'editing' }>, change: Step): Drawing {
  const { points, corner } = now
  const around = (index: number) => (index + points.length) % points.length
  if (change.do === 'hold') return { ...now, corner: around(change.corner) }
  if (change.do === 'move' || change.do === 'cursor') return { ...now, points: points.with(corner, change.at) }
  if (change.do === 'split') return { ...now, points: points.toSpliced(change.after + 1, 0, change.at), corner: change.after + 1 }
  if (change.do === 'back' && points.length > LEAST_CORNERS) return { ...now, points: points.toSpliced(corner, 1), corner: Math.min(corner, points.length - 2) }
  return now
}
