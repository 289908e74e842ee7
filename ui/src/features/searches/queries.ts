// What the page of saved searches asks the server, and what it changes.
import { infiniteQueryOptions, queryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'

export type SavedSearch = Schema<'SavedSearchOut'>
export type NewSearch = Schema<'SavedSearchIn'>
export type SearchPatch = Schema<'SavedSearchPatchIn'>
type SearchPage = Schema<'Page_SavedSearchOut'>

const PAGE = 100

/** Saved searches, page after page; those of one lead when asked. */
export function searchesQuery(lead: string | undefined) {
  return infiniteQueryOptions({
    queryKey: key('searches', 'list', { lead }),
    queryFn: ({ pageParam, signal }) => {
      const query = { lead_id: lead, limit: PAGE, cursor: pageParam ?? undefined }
      return take(api.GET('/api/v1/saved-searches', { params: { query }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

export function searchQuery(id: string) {
  return queryOptions({
    queryKey: key('searches', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/saved-searches/{id}', { params: { path: { id } }, signal })),
  })
}

/** What it would have told of in the last days, the latest first. */
export function recentQuery(id: string, days: number) {
  return queryOptions({
    queryKey: key('searches', id, 'recent', { days }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/saved-searches/{id}/matches', { params: { path: { id }, query: { days } }, signal })),
  })
}

export async function createSearch(client: QueryClient, body: NewSearch): Promise<SavedSearch> {
  const made = await take(api.POST('/api/v1/saved-searches', { body }))
  await client.invalidateQueries({ queryKey: key('searches') })
  return made
}

/** Changes a search; pause and cadence are shown at once and taken back when they are refused. */
export async function patchSearch(client: QueryClient, search: SavedSearch, patch: SearchPatch): Promise<SavedSearch> {
  const { cadence, paused } = patch
  show(client, { ...search, cadence: cadence ?? search.cadence, paused: paused ?? search.paused })
  try {
    const now = await take(api.PATCH('/api/v1/saved-searches/{id}', { params: { path: { id: search.id } }, body: patch }))
    show(client, now)
    if (patch.filters != null) void client.invalidateQueries({ queryKey: key('searches', search.id, 'recent') })
    return now
  } catch (error) {
    show(client, search)
    throw error
  }
}

export async function deleteSearch(client: QueryClient, id: string): Promise<void> {
  await take(api.DELETE('/api/v1/saved-searches/{id}', { params: { path: { id } } }))
  await client.invalidateQueries({ queryKey: key('searches', 'list') })
}

function show(client: QueryClient, search: SavedSearch): void {
  client.setQueryData(searchQuery(search.id).queryKey, search)
  client.setQueriesData<InfiniteData<SearchPage>>({ queryKey: key('searches', 'list') }, (data) => {
    if (data === undefined) return undefined
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((one) => (one.id === search.id ? search : one)) })) }
  })
}
