// What the pages about markets ask the server.
import { queryOptions } from '@tanstack/react-query'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'

export const marketsQuery = queryOptions({
  queryKey: key('markets', 'list'),
  // The cache holds the answer as it came, for other pages know it by the same key.
  queryFn: ({ signal }) => take(api.GET('/api/v1/markets', { signal })),
  select: ({ items }) => items,
})

export function marketQuery(id: string) {
  return queryOptions({
    queryKey: key('markets', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/markets/{id}', { params: { path: { id } }, signal })),
  })
}

export function seriesQuery(id: string, metric: string) {
  return queryOptions({
    queryKey: key('markets', 'series', { id, metric }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/markets/{id}/series', { params: { path: { id }, query: { metric } }, signal })),
  })
}

/** The forecast of the next twelve periods, with what the same forecast was worth before. */
export function forecastQuery(id: string, metric: string) {
  return queryOptions({
    queryKey: key('markets', 'forecast', { id, metric }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/markets/{id}/forecast', { params: { path: { id }, query: { metric } }, signal })),
    // It follows from the series, and the first one of a pool of markets takes seconds.
    staleTime: 10 * 60_000,
  })
}

/** How right the estimates were that were made before the homes were sold; of all markets when none is named. */
export function accuracyQuery(market?: string) {
  return queryOptions({
    queryKey: key('markets', 'accuracy', { market }),
    queryFn: async ({ signal }) => (await take(api.GET('/api/v1/pricing/accuracy', { params: { query: { market } }, signal }))).items,
  })
}
