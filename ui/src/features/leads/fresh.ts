// Keeps the inbox fresh without moving what somebody looks at.
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import { plural } from '~/format/numbers'
import { useNow } from '~/state/now'
import { headQuery, leadsQuery, type Lead, type LeadPage } from './queries'
import { belongs } from './snooze'
import type { LeadFilter } from './url'

/** What is new at the top of a list that was loaded before. */
export interface News {
  /** Leads that the list does not have. */
  added: number
  /** In words, without what to press. */
  text: string
}

/**
 * Compares what is shown with the first page as it is now. `more`: what is shown is not the whole list, so that leads behind
 * its end are no news.
 */
export function newsOf(rows: readonly Lead[], page: readonly Lead[], more = false): News | null {
  const head = more && rows.length > 0 ? page.slice(0, rows.length) : page
  const isSame = rows.length >= head.length && head.every(({ id }, index) => id === rows[index]?.id)
  if (isSame) return null
  const shown = new Set(rows.map(({ id }) => id))
  const added = head.filter(({ id }) => !shown.has(id)).length
  return { added, text: added > 0 ? plural(added, 'new lead') : 'The order has changed' }
}

/** Rows with the newest of what is known of each; their places stay. */
export function renewed(data: InfiniteData<LeadPage, string | null>, head: readonly Lead[]): InfiniteData<LeadPage, string | null> {
  const byId = new Map(head.map((lead) => [lead.id, lead]))
  const pages = data.pages.map((page) => {
    const items = page.items.map((lead) => {
      const now = byId.get(lead.id)
      return now === undefined || now.version < lead.version || sameRow(lead, now) ? lead : now
    })
    return items.every((lead, index) => lead === page.items[index]) ? page : { ...page, items }
  })
  return pages.every((page, index) => page === data.pages[index]) ? data : { ...data, pages }
}

function sameRow(a: Lead, b: Lead): boolean {
  return a.version === b.version && a.score === b.score && a.last_interaction_at === b.last_interaction_at && a.top_reason === b.top_reason && a.next_step?.code === b.next_step?.code && a.waiting_since === b.waiting_since
}

/**
 * The leads of a list. Rows are renewed in place; what would move them waits while `busy` (pointer or focus in the list, or
 * more than one page loaded) and is then told as `news`, to be shown by `show`.
 */
export function useLeads(filter: LeadFilter, me: string | null, busy: boolean) {
  const client = useQueryClient()
  const options = useMemo(() => leadsQuery(filter, me), [filter, me])
  const query = useInfiniteQuery({ ...options, placeholderData: keepPreviousData })
  const now = useNow()
  const only = filter.snoozed === true
  const fits = useCallback((lead: Lead) => belongs(lead, only, now), [only, now])
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items).filter(fits) ?? [], [query.data, fits])
  const loaded = query.isSuccess && !query.isPlaceholderData
  const head = useQuery({
    ...headQuery(filter, me),
    enabled: loaded,
    initialData: () => client.getQueryData<InfiniteData<LeadPage>>(options.queryKey)?.pages[0],
    initialDataUpdatedAt: () => client.getQueryState(options.queryKey)?.dataUpdatedAt,
  }).data
  const news = useMemo(() => (loaded && head !== undefined ? newsOf(rows, head.items.filter(fits), query.hasNextPage) : null), [loaded, rows, head, fits, query.hasNextPage])
  const { queryKey } = options
  const show = useCallback(() => {
    if (head !== undefined) client.setQueryData(queryKey, { pages: [head], pageParams: [null] })
  }, [client, queryKey, head])
  const deep = (query.data?.pages.length ?? 0) > 1
  useEffect(() => {
    if (head === undefined || !loaded) return
    if (news !== null && !busy && !deep) show()
    else client.setQueryData<InfiniteData<LeadPage, string | null>>(queryKey, (data) => (data === undefined ? undefined : renewed(data, head.items)))
  }, [client, queryKey, head, loaded, news, busy, deep, show])
  return { query, rows, news, show }
}
