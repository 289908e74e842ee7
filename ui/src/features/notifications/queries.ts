// What the bell and the page of notifications ask the server, and what they mark as read.
import { infiniteQueryOptions, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'

export type Notification = Schema<'NotificationOut'>
export type NotificationPage = Schema<'NotificationPageOut'>
type Pages = InfiniteData<NotificationPage, string | null>

const PAGE = 30

/** What the reader is told, the newest first; only what was not read when asked. */
export function notificationsQuery(unread?: true) {
  return infiniteQueryOptions({
    queryKey: key('notifications', 'list', { unread }),
    queryFn: ({ pageParam, signal }) => take(api.GET('/api/v1/notifications', { params: { query: { unread, limit: PAGE, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

/** Marks these as read, or the newest of them and all before it; shown at once. */
export async function markRead(client: QueryClient, notifications: readonly Notification[], all = false): Promise<void> {
  const ids = notifications.filter(({ read_at: at }) => at == null).map(({ id }) => id)
  const newest = notifications[0]
  if (newest === undefined || (ids.length === 0 && !all)) return
  const lists = { queryKey: key('notifications', 'list') }
  await client.cancelQueries(lists)
  client.setQueriesData<Pages>(lists, (data) => (data === undefined ? undefined : read(data, all ? null : new Set(ids), new Date())))
  try {
    await take(api.POST('/api/v1/notifications/read', { body: all ? { up_to: newest.id } : { ids } }))
  } finally {
    void client.invalidateQueries(lists)
  }
}

/** Pages on which these are read; all of them when `ids` is null. */
export function read(data: Pages, ids: ReadonlySet<string> | null, now: Date): Pages {
  const isMeant = ({ id, read_at: at }: Notification) => at == null && (ids === null || ids.has(id))
  const seen = new Set(data.pages.flatMap(({ items }) => items.filter(isMeant).map(({ id }) => id)))
  const unread = (before: number) => (ids === null ? 0 : Math.max(0, before - seen.size))
  const pages = data.pages.map((page) => ({
    ...page, unread: unread(page.unread), items: page.items.map((one) => (isMeant(one) ? { ...one, read_at: now.toISOString() } : one)),
  }))
  return { ...data, pages }
}
