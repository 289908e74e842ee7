// What the page of performance asks the server.
import { keepPreviousData, queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import type { PerformanceUrl } from './url'

export type Summary = Schema<'SummaryOut'>
export type Sample = Schema<'SampleOut'>
export type RouteFigures = Summary['routes'][number]

// The server takes a sample so often; no stream tells of it. A hidden page does not ask.
const SAMPLE = 10_000

export const summaryQuery = queryOptions({
  queryKey: key('performance', 'summary'),
  queryFn: ({ signal }) => take(api.GET('/api/v1/performance/summary', { signal })),
  staleTime: SAMPLE,
  refetchInterval: SAMPLE,
})

export function historyQuery({ from, to, every }: PerformanceUrl) {
  return queryOptions({
    queryKey: key('performance', 'history', { from, to, every }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/performance/history', { params: { query: { from, to, every: every === undefined ? undefined : Number(every) } }, signal })),
    staleTime: SAMPLE,
    // A span that has ended does not change any more.
    refetchInterval: to === undefined ? SAMPLE : false,
    placeholderData: keepPreviousData,
  })
}
