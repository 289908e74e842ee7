// Bubbles as they are drawn: size, colour and words of each area, and what the legend tells of them.
import type { Area } from './areas'
import type { Shade, Shades } from './colours'
import { metricOf, writeShort, type MetricId } from './metrics'
import { breaksOf, CHANGES, classOf, mostOf, radiusOf, shadeOf } from './scale'
import type { Bound } from './url'

export interface Bubble extends Shade {
  id: string
  longitude: number
  latitude: number
  radius: number
  /** Empty when there is no room for them, or nothing is known. */
  words: string
}

/** How values become sizes and colours at the moment. */
export interface Scale {
  /** The value of the largest bubble. */
  most: number
  /** Borders between the colours, ascending. */
  breaks: readonly number[]
  /** The colours from the least to the most, one more than there are borders. */
  shades: readonly Shade[]
}

const known = (areas: readonly Area[], id: MetricId) => areas.flatMap(({ values }) => values[id] ?? [])

export function scaleOf(areas: readonly Area[], { size, color }: Bound, { rising, changing, none }: Shades): Scale {
  const values = known(areas, color)
  const changes = metricOf(color).unit === 'change'
  const breaks = changes ? [...CHANGES] : breaksOf(values)
  const ramp = changes ? changing : rising
  const shades = Array.from({ length: breaks.length + 1 }, (_, at) => ramp[shadeOf(at, breaks.length + 1)] ?? none)
  return { most: mostOf(known(areas, size)), breaks, shades: values.length === 0 ? [] : shades }
}

// Pixels of a letter of the words, about.
const LETTER = 6.6

export function bubblesOf(areas: readonly Area[], { size, color, metric }: Bound, { most, breaks, shades }: Scale, none: Shade, currency: string): Bubble[] {
  return areas.map(({ id, longitude, latitude, values }) => {
    const radius = radiusOf(values[size], most)
    const [colour, value] = [values[color], values[metric]]
    const words = value === undefined ? '' : writeShort(metric, value, currency)
    const shade = colour === undefined ? none : (shades[classOf(colour, breaks)] ?? none)
    return { id, longitude, latitude, radius, words: words.length * LETTER < 2 * radius ? words : '', ...shade }
  })
}
