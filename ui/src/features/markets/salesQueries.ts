// What "an area of your own" asks the server; apart from the other questions, as it comes later than the page.
import { queryOptions } from '@tanstack/react-query'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import { areaOfRings } from '~/features/homes/filters'
import { writeRings, type Box, type Ring } from '~/map/geometry'
import type { Months } from './sales'

/** What homes sold for by month: in areas, or in the whole market without them. */
export function salesQuery(id: string, areas: readonly Ring[] | undefined, { from, to }: Months) {
  return queryOptions({
    queryKey: key('markets', 'sales', { id, poly: areas === undefined ? undefined : writeRings(areas), from, to }),
    queryFn: ({ signal }) => take(api.POST('/api/v1/markets/{id}/sales', { params: { path: { id } }, body: { polygon: areaOfRings(areas ?? []), from, to }, signal })),
    // A sale more does not move a median; what an import brings is asked for at once.
    staleTime: 5 * 60_000,
  })
}

/** Where homes were sold, in dots of a few. */
export function soldQuery(market: string, view: { bbox: Box; zoom: number } | null) {
  return queryOptions({
    queryKey: key('markets', 'sold', { market, ...view }),
    queryFn: async ({ signal }) => {
      if (view === null) return []
      const body = { market, filters: { status: ['closed' as const] }, zoom: Math.min(22, view.zoom + 4), bbox: [...view.bbox], metric: 'count' as const }
      return (await take(api.POST('/api/v1/listings/clusters', { body, signal }))).features
    },
    enabled: view !== null,
    staleTime: 5 * 60_000,
  })
}
