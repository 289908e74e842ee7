// A saved search as the page of homes shows it.
import type { Schema } from '~/api/client'
import { statuses, writeSpan, type HomesUrl } from '~/features/homes/url'
import { writeRings, type Ring } from '~/map/geometry'
import type { SavedSearch } from './queries'

type Span = { min?: number | null; max?: number | null } | null | undefined

/** The address; null where the page of homes has no place for one of the conditions. */
export function inHomes({ market, filters }: Pick<SavedSearch, 'market' | 'filters'>): HomesUrl | null {
  const { price, bedrooms, bathrooms, living_area_sqft: area, year_built: built, property_types: type, status: asked, text: q, polygon, near, lot_size_sqft: lot, days_on_market: days } = filters
  const status = statuses.filter((one) => asked?.includes(one))
  if (near != null || lot != null || days != null || status.length < (asked ?? []).length) return null
  const search: HomesUrl = {
    market, q: q ?? undefined, price: span(price), beds: span(bedrooms), baths: span(bathrooms), area: span(area), built: span(built),
    type: type?.length === 0 ? undefined : type, status: status.length === 0 ? undefined : status, poly: polygon == null ? undefined : writeRings(rings(polygon)),
  }
  return Object.fromEntries(Object.entries(search).filter(([, value]) => (value as unknown) !== undefined))
}

function span(values: Span): string | undefined {
  if (values?.min == null && values?.max == null) return undefined
  return writeSpan({ min: values.min ?? undefined, max: values.max ?? undefined })
}

/** The outer rings of an area, not closed, as the address has them. */
function rings(area: Schema<'Area'>): Ring[] {
  const outer = Array.isArray(area) ? [area] : area.type === 'Polygon' ? area.coordinates.slice(0, 1) : area.coordinates.flatMap((polygon) => polygon.slice(0, 1))
  return outer.map((ring) => {
    const points = ring.map(([lon = 0, lat = 0]): [number, number] => [lon, lat])
    const [first, last] = [points[0], points.at(-1)]
    return first !== undefined && points.length > 3 && first[0] === last?.[0] && first[1] === last[1] ? points.slice(0, -1) : points
  })
}
