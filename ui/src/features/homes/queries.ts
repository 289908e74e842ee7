// What the pages about homes ask the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { boxOf, type Box } from '~/map/geometry'
import { areaOfRings, filterOf, listArea, type Filter } from './filters'
import { areasOf, type HomesUrl } from './url'

export type Cluster = Schema<'ClusterOut'>

const PAGE = 50
const NOTHING: Schema<'SearchOut'> = { items: [], total: 0, facets: {}, histogram: null, next_cursor: null }
const FACETS = ['status', 'property_type', 'bedrooms'] as const

export const marketsQuery = queryOptions({
  queryKey: key('markets', 'list'),
  queryFn: ({ signal }) => take(api.GET('/api/v1/markets', { signal })),
})

interface Asked {
  market: string
  filters: Filter
  polygon: ReturnType<typeof listArea>
  sort: NonNullable<HomesUrl['sort']>
}

function asked(market: string, search: HomesUrl): Asked {
  return { market, filters: filterOf(search), polygon: listArea(search), sort: search.sort ?? 'newest' }
}

async function page({ market, filters, polygon, sort }: Asked, cursor: string | null, signal: AbortSignal): Promise<Schema<'SearchOut'>> {
  if (polygon === 'nowhere') return NOTHING
  const first = cursor === null
  const body = { market, filters, polygon, sort, limit: PAGE, cursor, histogram: first, facets: first ? [...FACETS] : [] }
  return take(api.POST('/api/v1/listings/search', { body, signal }))
}

/**
 * The homes of the list in order, page after page; the first page counts. Events do not make it old, for rows would move under
 * the pointer; `headQuery` watches its first page instead.
 */
export function homesQuery(market: string, search: HomesUrl) {
  const query = asked(market, search)
  return infiniteQueryOptions({
    queryKey: key('homes', 'pages', query),
    queryFn: ({ pageParam, signal }) => page(query, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 'static',
  })
}

/** The first page of the same list as it is now. */
export function headQuery(market: string, search: HomesUrl) {
  const query = asked(market, search)
  return queryOptions({
    queryKey: key('homes', 'list', query),
    queryFn: ({ signal }) => page(query, null, signal),
  })
}

/** How many homes there would be. */
export function countQuery(market: string, search: HomesUrl) {
  const [filters, polygon] = [filterOf(search), listArea(search)]
  return queryOptions({
    queryKey: key('homes', 'list', 'count', { market, filters, polygon }),
    queryFn: async ({ signal }) => {
      if (polygon === 'nowhere') return 0
      return (await take(api.POST('/api/v1/listings/search', { body: { market, filters, polygon, limit: 1 }, signal }))).total
    },
  })
}

/** The bubbles of a viewport, with the median price. */
export function clustersQuery(market: string, search: HomesUrl, view: { bbox: Box; zoom: number }) {
  const [filters, polygon] = [filterOf(search), areaOfRings(areasOf(search))]
  return queryOptions({
    queryKey: key('homes', 'list', 'clusters', { market, filters, polygon, ...view }),
    queryFn: ({ signal }) => {
      const body = { market, filters, polygon, zoom: view.zoom, bbox: [...view.bbox], metric: 'median_price' as const }
      return take(api.POST('/api/v1/listings/clusters', { body, signal }))
    },
  })
}

/** Where all known homes are, whatever their status: for the dots. */
export function dotsQuery(market: string, view: { bbox: Box; zoom: number }) {
  const statuses: Filter['status'] = ['active', 'active_under_contract', 'pending', 'closed', 'withdrawn', 'expired', 'canceled', 'coming_soon', 'hold']
  return queryOptions({
    queryKey: key('homes', 'list', 'dots', { market, ...view }),
    queryFn: ({ signal }) => {
      const body = { market, filters: { status: statuses }, zoom: Math.min(22, view.zoom + 2), bbox: [...view.bbox], metric: 'count' as const }
      return take(api.POST('/api/v1/listings/clusters', { body, signal }))
    },
    staleTime: 5 * 60_000,
  })
}

const EVERYWHERE: Box = [-180, -85, 180, 85]
// A cell with less than this share of the homes does not decide where a market is: one mistyped place would show the world.
const LEAST_SHARE = 0.005

/** The box around a market's homes, for sale unless other ones are asked for: the world's cells first, then those of the fullest. */
export function marketBoxQuery(market: string, status?: Filter['status']) {
  const filters = status === undefined ? undefined : { status }
  return queryOptions({
    queryKey: key('markets', market, 'box', { status }),
    queryFn: async ({ signal }): Promise<Box> => {
      const ask = (bbox: Box, zoom: number) => take(api.POST('/api/v1/listings/clusters', { body: { market, filters, bbox: [...bbox], zoom }, signal }))
      let box = EVERYWHERE
      for (const zoom of [3, 8, 12]) {
        const { features, total } = await ask(box, zoom)
        const full = features.filter(({ count }) => count >= total * LEAST_SHARE)
        if (full.length === 0) break
        box = widened(boxOf(full.map(({ longitude, latitude }) => [longitude, latitude])), zoom)
      }
      return box
    },
    // A home more or less does not move a market.
    staleTime: 'static',
  })
}

/** A box with room for what stands around the middles of its cells: a cell on each side. */
function widened([west, south, east, north]: Box, zoom: number): Box {
  const cell = 360 / 2 ** (zoom + 1)
  return [Math.max(-180, west - cell), Math.max(-85, south - cell * 0.75), Math.min(180, east + cell), Math.min(85, north + cell * 0.75)]
}
