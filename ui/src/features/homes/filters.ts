// From the address to what the server is asked: filters, areas, viewport.
import type { Schema } from '~/api/client'
import { count, moneyShort } from '~/format/numbers'
import { sentence } from '~/format/words'
import { boxOf, clip, overlap, readBox, ringOf, type Box, type Ring } from '~/map/geometry'
import { areasOf, readSpan, type HomesUrl, type Span } from './url'

export type Filter = Schema<'ListingFilter'>
type Area = Schema<'Area'>

/** The conditions on the homes themselves, without where they are. */
export function filterOf(search: HomesUrl): Filter {
  const filter: Filter = {
    price: readSpan(search.price),
    bedrooms: readSpan(search.beds),
    bathrooms: readSpan(search.baths),
    living_area_sqft: readSpan(search.area),
    year_built: readSpan(search.built),
    property_types: search.type,
    status: search.status,
    text: search.q,
  }
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => (value as unknown) !== undefined))
}

/** Rings as the server takes them. */
export function areaOfRings(rings: readonly Ring[]): Area | undefined {
  if (rings.length === 0) return undefined
  const closed = (ring: Ring) => [...ring, ...ring.slice(0, 1)].map(([lon, lat]) => [lon, lat])
  return { type: 'MultiPolygon', coordinates: rings.map((ring) => [closed(ring)]) }
}

/** Where the list looks: the drawn areas as far as they are in the viewport, or the viewport. `nowhere` when they do not meet. */
export function listArea(search: HomesUrl): Area | 'nowhere' | undefined {
  const view = viewOf(search)
  const areas = areasOf(search)
  if (view === null) return areaOfRings(areas)
  if (view === 'nowhere') return view
  if (areas.length === 0) return areaOfRings([ringOf(view)])
  const clipped = areas.map((ring) => clip(ring, view)).filter((ring) => ring.length > 0)
  return clipped.length === 0 ? 'nowhere' : areaOfRings(clipped)
}

/** The box that the list is held to; null when there is none. */
export function viewOf({ bbox, in: within }: HomesUrl): Box | 'nowhere' | null {
  const [view, bubble] = [bbox, within].map((written) => (written === undefined ? null : readBox(written)))
  if (view == null || bubble == null) return view ?? bubble ?? null
  return overlap(view, bubble) ?? 'nowhere'
}

/** A box that shows all areas. */
export function boxOfAreas(areas: readonly Ring[]): Box {
  return boxOf(areas.flat())
}

/** One condition in force: its words, and the part of the address that goes when it is lifted. */
export interface Condition {
  name: keyof HomesUrl
  words: string
}

/** All conditions that can be lifted, in the order of the bar. */
export function conditionsOf(search: HomesUrl): Condition[] {
  const spans: [keyof HomesUrl, string | undefined, (n: number) => string, string][] = [
    ['price', search.price, (n) => moneyShort(n), ''],
    ['beds', search.beds, String, ' bd'],
    ['baths', search.baths, String, ' ba'],
    ['area', search.area, count, ' sqft'],
    ['built', search.built, String, ''],
  ]
  const found = spans.flatMap(([name, written, write, unit]): Condition[] => {
    const span = readSpan(written)
    return span === undefined ? [] : [{ name, words: spanWords(span, write) + unit }]
  })
  if (search.type !== undefined) found.push({ name: 'type', words: search.type.join(', ') })
  if (search.status !== undefined) found.push({ name: 'status', words: search.status.map((one) => sentence(one)).join(', ') })
  if (search.q !== undefined) found.push({ name: 'q', words: `“${search.q}”` })
  if (search.poly !== undefined) found.push({ name: 'poly', words: 'Drawn areas' })
  return found
}

/** `$300K to $500K`, `from 3`, `up to $500K` */
export function spanWords({ min, max }: Span, write: (n: number) => string): string {
  if (min !== undefined && max !== undefined) return min === max ? write(min) : `${write(min)} to ${write(max)}`
  return min === undefined ? `up to ${write(max ?? 0)}` : `from ${write(min)}`
}
