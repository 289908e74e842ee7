// Two leads that are one person: merged, and taken apart again.
import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { forget } from './cache'
import type { Lead } from './queries'

export type Merged = Schema<'MergedOut'>

/** What was merged into a lead, the latest first. */
export function mergesQuery(id: string) {
  return queryOptions({
    queryKey: key('leads', id, 'merges'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/merges', { params: { path: { id } }, signal })),
  })
}

/** Merges `from` into a lead; the lead as it is then. */
export function mergeLeads(id: string, from: string): Promise<Lead> {
  return take(api.POST('/api/v1/leads/{id}/merge', { params: { path: { id } }, body: { from } }))
}

/** Shows everywhere that a lead was merged into another. */
export async function showMerged(client: QueryClient, from: string): Promise<void> {
  forget(client, from)
  await changed(client)
}

/** Takes a merge back; `from` is the lead that was merged into another. */
export async function undoMerge(client: QueryClient, from: string): Promise<Lead> {
  const lead = await take(api.POST('/api/v1/leads/{id}/unmerge', { params: { path: { id: from } } }))
  await changed(client)
  return lead
}

/** Everything that is about either of them: what both did, their tasks and what was saved for them. */
async function changed(client: QueryClient): Promise<void> {
  await Promise.all([key('leads'), key('tasks'), key('searches')].map((queryKey) => client.invalidateQueries({ queryKey })))
}
