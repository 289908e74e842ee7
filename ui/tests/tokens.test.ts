// The colours of the tokens are told apart by everybody: WCAG contrast, computed from the file.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../src/styles/tokens.css'), 'utf8')

/** Every token with its light and dark colour; a token of one colour has it twice. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+):\s*(?:light-dark\((#\w{6}),\s*(#\w{6})\)|(#\w{6}))/g)].map(
    ([, name, light, dark, both]): [string, [string, string]] => [name ?? '', [light ?? both ?? '', dark ?? both ?? '']],
  ),
)

/** WCAG 2.2, relative luminance of an sRGB colour. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

function contrast(front: string, back: string, theme: 0 | 1): number {
  const [a, b] = [front, back].map((name) => {
    const colour = tokens.get(name)?.[theme]
    if (colour === undefined) throw new Error(`there is no token ${name}`)
    return luminance(colour)
  })
  const [high, low] = [Math.max(a ?? 0, b ?? 0), Math.min(a ?? 0, b ?? 0)]
  return (high + 0.05) / (low + 0.05)
}

const text = [
  ...['ink', 'ink-2', 'ink-3', 'accent', 'hot', 'warm', 'cool', 'ok'].flatMap((front) => ['page', 'panel'].map((back) => [front, back])),
  ...['ink', 'ink-2', 'ink-3'].map((front) => [front, 'sunk']),
  ...['ink', 'ink-2', 'ink-3', 'accent', 'ok'].map((front) => [front, 'accent-bg']),
  ['hot', 'hot-bg'], ['warm', 'warm-bg'], ['cool', 'cool-bg'], ['on-accent', 'accent'], ['page', 'ink'],
  ['rail-ink', 'rail'], ['rail-ink-2', 'rail'], ['rail-ink', 'rail-on'],
] as [string, string][]
const shapes = [
  ...['edge', 'focus', 's1', 's2', 's3', 's4', 's5', 's6'].flatMap((front) => ['page', 'panel'].map((back) => [front, back])),
  ['focus', 'accent-bg'], ['rail-focus', 'rail'],
] as [string, string][]

describe.each([['light', 0], ['dark', 1]] as const)('in the %s theme', (_, theme) => {
  it.each(text)('%s can be read on %s', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(shapes)('%s can be seen on %s', (front, back) => {
    expect(contrast(front, back, theme)).toBeGreaterThanOrEqual(3)
  })
})

it('the contrasts are those that the design was drawn with', () => {
  expect(contrast('ink', 'page', 0)).toBeCloseTo(14.5, 1)
  expect(contrast('on-accent', 'accent', 0)).toBeCloseTo(7.5, 1)
  expect(contrast('ink-3', 'accent-bg', 0)).toBeCloseTo(5, 1)
})
