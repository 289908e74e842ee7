// How values become sizes and colours of bubbles, and what the legend says of it.

/** Pixels: the largest bubble, and the least that can still be hit. */
export const [LARGEST, SMALLEST] = [34, 7] as const

/** The radius of a value where `most` has the largest bubble: areas, not radii, are in proportion. */
export function radiusOf(value: number | undefined, most: number): number {
  if (value === undefined || most <= 0) return SMALLEST
  return Math.max(SMALLEST, LARGEST * Math.sqrt(Math.min(1, Math.abs(value) / most)))
}

/** The largest of the values without their signs. */
export function mostOf(values: readonly number[]): number {
  return Math.max(0, ...values.map(Math.abs))
}

/** Values for the legend's circles: round numbers from `least` to `most`, the largest first. */
export function marks(most: number, least = 0): number[] {
  if (most <= 0) return []
  const first = rounded(most)
  return [...new Set([first, rounded(first / 3), rounded(first / 12)])].filter((mark) => mark >= least)
}

/** 1, 2, 5, 10, 20 …, at most the value. */
function rounded(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return ([5, 2, 1].find((step) => step * power <= value * (1 + 1e-9)) ?? 1) * power
}

/** Five classes on either side of nothing, so that a sign has its own colour. */
export const CHANGES = [-0.1, -0.03, 0.03, 0.1] as const

const CLASSES = 5

/** The borders between classes of about as many areas each; fewer where values are few. */
export function breaksOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b)
  const places = Array.from({ length: CLASSES - 1 }, (_, at) => Math.floor(((at + 1) / CLASSES) * sorted.length))
  const found = places.flatMap((place) => sorted[place] ?? [])
  return [...new Set(found)].filter((border) => border > (sorted[0] ?? border))
}

/** The class of a value: how many borders it has reached. */
export function classOf(value: number, breaks: readonly number[]): number {
  return breaks.filter((border) => value >= border).length
}

/** Which of the five colours a class has when there are `classes` of them: the first and the last stay the ends. */
export function shadeOf(at: number, classes: number): number {
  return classes < 2 ? 2 : Math.round((at / (classes - 1)) * (CLASSES - 1))
}
