// What the import page asks the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { connection } from '~/api/stream'

export type Import = Schema<'ImportOut'>
export type Kind = Schema<'ImportKind'>

const PAGE = 50
// While rows come in and no stream tells of them, the counts are asked for again.
const WATCH = 1_000

function watch(isWatched: boolean): number | false {
  return isWatched && connection.get() !== 'live' ? WATCH : false
}

export function isGoing({ state }: Import): boolean {
  return state === 'queued' || state === 'running'
}

/** Imports, newest first. */
export const importsQuery = infiniteQueryOptions({
  queryKey: key('imports', 'list'),
  queryFn: ({ pageParam, signal }) => take(api.GET('/api/v1/imports', { params: { query: { limit: PAGE, cursor: pageParam ?? undefined } }, signal })),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor,
  refetchInterval: ({ state }) => watch(state.data?.pages.some((page) => page.items.some(isGoing)) === true),
})

export function importQuery(id: string) {
  return queryOptions({
    queryKey: key('imports', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/imports/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => watch(state.data !== undefined && isGoing(state.data)),
  })
}

/** The first rejected rows of an import. */
export function rejectedQuery(id: string, limit: number) {
  return queryOptions({
    queryKey: key('imports', id, 'rejected', { limit }),
    queryFn: ({ signal }) => rejectedPage(id, limit, undefined, signal),
  })
}

/** All rejected rows of an import that the server has kept. */
export async function allRejected(id: string): Promise<Schema<'RejectedOut'>[]> {
  const rows: Schema<'RejectedOut'>[] = []
  let cursor: string | undefined
  do {
    const page = await rejectedPage(id, 200, cursor)
    rows.push(...page.items)
    cursor = page.next_cursor ?? undefined
  } while (cursor !== undefined)
  return rows
}

function rejectedPage(id: string, limit: number, cursor?: string, signal?: AbortSignal) {
  return take(api.GET('/api/v1/imports/{id}/rejected', { params: { path: { id }, query: { limit, cursor } }, signal }))
}

export interface Upload {
  file: File
  kind: Kind
  market?: string
  /** TOML; guessed by the server when absent. */
  mapping?: string
}

/** Says what an import would do; without a mapping by what columns are usually called. */
export async function dryRun(upload: Upload, signal?: AbortSignal): Promise<Schema<'DryRunOut'>> {
  return (await send(upload, true, signal)) as Schema<'DryRunOut'>
}

/** Queues an import. */
export async function startImport(upload: Upload): Promise<Import> {
  return (await send(upload, false)) as Import
}

function send({ file, kind, market, mapping }: Upload, dry_run: boolean, signal?: AbortSignal) {
  return take(
    api.POST('/api/v1/imports', {
      params: { query: { kind, market, mapping, dry_run, guess: dry_run && mapping === undefined, name: file.name.slice(0, 200) } },
      // The description calls a body of bytes a list of numbers; what is sent is the file itself.
      body: file as unknown as number[],
      bodySerializer: (body) => body as unknown as BodyInit,
      headers: { 'Content-Type': 'application/octet-stream' },
      signal,
    }),
  )
}

/** One that waits ends at once; one that runs ends soon, and what it stored stays. */
export function cancelImport(id: string): Promise<Import> {
  return take(api.POST('/api/v1/imports/{id}/cancel', { params: { path: { id } } }))
}

export function undoImport(id: string) {
  return take(api.POST('/api/v1/imports/{id}/undo', { params: { path: { id } } }))
}
