// What the page of saved searches asks the server, and what it changes.
import { infiniteQueryOptions, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'

export type SavedSearch = Schema<'SavedSearchOut'>
export type NewSearch = Schema<'SavedSearchIn'>

const PAGE = 50

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

export async function createSearch(client: QueryClient, body: NewSearch): Promise<SavedSearch> {
  const made = await take(api.POST('/api/v1/saved-searches', { body }))
  await client.invalidateQueries({ queryKey: key('searches') })
  return made
}

export async function deleteSearch(client: QueryClient, id: string): Promise<void> {
  await take(api.DELETE('/api/v1/saved-searches/{id}', { params: { path: { id } } }))
  await client.invalidateQueries({ queryKey: key('searches') })
}
