// What the pages about leads ask the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import type { LeadFilter } from './url'

const PAGE = 100

/** Leads in order, page after page; by score when no order is asked for. */
export function leadsQuery({ band, market, q, sort = '-score' }: LeadFilter) {
  return infiniteQueryOptions({
    queryKey: key('leads', 'list', { band, market, q, sort }),
    queryFn: ({ pageParam, signal }) => {
      const query = { tier: band, market, q, sort, limit: PAGE, cursor: pageParam ?? undefined }
      return take(api.GET('/api/v1/leads', { params: { query }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

export function leadQuery(id: string) {
  return queryOptions({
    queryKey: key('leads', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}', { params: { path: { id } }, signal })),
  })
}

/** The score with its reasons. */
export function scoreQuery(id: string) {
  return queryOptions({
    queryKey: key('leads', id, 'score'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/score', { params: { path: { id } }, signal })),
  })
}

/** The newest events of a lead. */
export function timelineQuery(id: string, limit: number) {
  return queryOptions({
    queryKey: key('leads', id, 'timeline', { limit }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/timeline', { params: { path: { id }, query: { limit } }, signal })),
  })
}
