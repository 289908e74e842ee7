// Keeps the list of homes fresh without moving what somebody looks at.
import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient, type InfiniteData } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import type { Schema } from '~/api/client'
import { plural } from '~/format/numbers'
import type { Home } from './home'
import { headQuery, homesQuery } from './queries'
import type { HomesUrl } from './url'

type HomesPage = Schema<'SearchOut'>
type Pages = InfiniteData<HomesPage, string | null>

/** What is new in words; null when the first page shows the same homes in the same order, and there are as many in all. */
export function newsOf(shown: HomesPage, now: HomesPage): string | null {
  const isSame = shown.total === now.total && shown.items.length === now.items.length && now.items.every(({ id }, at) => id === shown.items[at]?.id)
  if (isSame) return null
  const known = new Set(shown.items.map(({ id }) => id))
  const added = now.total > shown.total ? now.items.filter(({ id }) => !known.has(id)).length : 0
  return added > 0 ? plural(added, 'new home') : 'The homes have changed'
}

/** Homes as they are now where they stand; their places stay. */
export function renewed(data: Pages, now: HomesPage): Pages {
  const byId = new Map(now.items.map((home) => [home.id, home]))
  const pages = data.pages.map((page) => {
    const items = page.items.map((home) => {
      const next = byId.get(home.id)
      return next === undefined || same(home, next) ? home : next
    })
    return items.every((home, at) => home === page.items[at]) ? page : { ...page, items }
  })
  return pages.every((page, at) => page === data.pages[at]) ? data : { ...data, pages }
}

function same(a: Home, b: Home): boolean {
  return a.version === b.version && a.days_on_market === b.days_on_market
}

/**
 * The homes of the search. Rows are renewed in place; what would move them waits while `busy` (pointer or focus in the list)
 * or when more than one page is loaded, and is then told as `news`, to be shown by `show`.
 */
export function useHomes(market: string, search: HomesUrl, busy: boolean) {
  const client = useQueryClient()
  const options = homesQuery(market, search)
  const query = useInfiniteQuery({ ...options, placeholderData: keepPreviousData })
  const loaded = query.isSuccess && !query.isPlaceholderData
  const head = useQuery({
    ...headQuery(market, search),
    enabled: loaded,
    initialData: () => client.getQueryData<Pages>(options.queryKey)?.pages[0],
    initialDataUpdatedAt: () => client.getQueryState(options.queryKey)?.dataUpdatedAt,
  }).data
  const first = query.data?.pages[0]
  const news = useMemo(() => (loaded && head !== undefined && first !== undefined ? newsOf(first, head) : null), [loaded, head, first])
  const written = JSON.stringify(options.queryKey)
  const queryKey = useMemo(() => options.queryKey, [written])
  const show = useCallback(() => {
    if (head !== undefined) client.setQueryData<Pages>(queryKey, { pages: [head], pageParams: [null] })
  }, [client, queryKey, head])
  const deep = (query.data?.pages.length ?? 0) > 1
  useEffect(() => {
    if (head === undefined || !loaded) return
    if (news !== null && !busy && !deep) show()
    else client.setQueryData<Pages>(queryKey, (data) => (data === undefined ? undefined : renewed(data, head)))
  }, [client, queryKey, head, loaded, news, busy, deep, show])
  return { query, first, news, show }
}
