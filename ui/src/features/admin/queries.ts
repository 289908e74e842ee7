// What the admin pages ask the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'

const PAGE = 50
const AUDIT_PAGE = 200

interface Paging {
  limit: number
  cursor: string | undefined
}

interface Paged<T> {
  items: T[]
  next_cursor?: string | null
}

/** Pages of a list by cursor. */
function paged<T>(queryKey: ReturnType<typeof key>, limit: number, ask: (query: Paging, signal: AbortSignal) => Promise<Paged<T>>) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => ask({ limit, cursor: pageParam ?? undefined }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

export const usersQuery = paged(key('admin', 'users'), PAGE, (query, signal) => take(api.GET('/api/v1/admin/users', { params: { query }, signal })))

export const keysQuery = paged(key('admin', 'keys'), PAGE, (query, signal) => take(api.GET('/api/v1/admin/keys', { params: { query }, signal })))

export const auditQuery = paged(key('admin', 'audit'), AUDIT_PAGE, (query, signal) => take(api.GET('/api/v1/admin/audit', { params: { query }, signal })))

export const experimentsQuery = paged(key('admin', 'experiments'), PAGE, (query, signal) => take(api.GET('/api/v1/experiments', { params: { query }, signal })))

export function jobsQuery(state: Schema<'JobState'>) {
  return paged(key('jobs', 'list', { state }), PAGE, (query, signal) => take(api.GET('/api/v1/admin/jobs', { params: { query: { ...query, state } }, signal })))
}

export function jobQuery(id: string) {
  return queryOptions({
    queryKey: key('jobs', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/admin/jobs/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === 'running' || state.data?.state === 'ready' ? 2_000 : false),
  })
}

export function experimentQuery(id: string) {
  return queryOptions({
    queryKey: key('admin', 'experiments', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/experiments/{id}', { params: { path: { id } }, signal })),
  })
}

export const modelsQuery = queryOptions({
  queryKey: key('models', 'list'),
  queryFn: async ({ signal }) => (await take(api.GET('/api/v1/models', { signal }))).items,
})

type ModelKind = Schema<'ModelKind'>

export function evaluationQuery(kind: ModelKind, market: string | undefined) {
  return queryOptions({
    queryKey: key('models', 'evaluation', { kind, market }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/models/{kind}/evaluation', { params: { path: { kind }, query: { market } }, signal })),
  })
}

export function driftQuery(kind: ModelKind) {
  return queryOptions({
    queryKey: key('models', 'drift', { kind }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/models/{kind}/drift', { params: { path: { kind } }, signal })),
  })
}
