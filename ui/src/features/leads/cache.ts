// One lead in everything that the cache holds of it: by itself, in the inbox, in what a search found.
import type { InfiniteData, QueryClient } from '@tanstack/react-query'
import { key } from '~/api/keys'
import { leadQuery, type Lead, type LeadPage } from './queries'

type Change = (lead: Lead) => Lead

/** The lead as it was last heard of. */
export function cachedLead(client: QueryClient, id: string): Lead | undefined {
  const lead = client.getQueryData(leadQuery(id).queryKey)
  if (lead !== undefined) return lead
  for (const [, pages] of client.getQueriesData<InfiniteData<LeadPage>>({ queryKey: key('leads', 'pages') })) {
    const found = pages?.pages.flatMap(({ items }) => items).find((item) => item.id === id)
    if (found !== undefined) return found
  }
  return undefined
}

/** Changes a lead wherever it is shown; rows keep their places. */
export function changeCached(client: QueryClient, id: string, change: Change): void {
  client.setQueryData(leadQuery(id).queryKey, (lead: Lead | undefined) => (lead === undefined ? undefined : change(lead)))
  client.setQueriesData<InfiniteData<LeadPage>>({ queryKey: key('leads', 'pages') }, (data) => {
    if (data === undefined) return undefined
    const pages = data.pages.map((page) => changePage(page, id, change))
    return pages.every((page, index) => page === data.pages[index]) ? data : { ...data, pages }
  })
  client.setQueriesData<LeadPage>({ queryKey: key('leads', 'list') }, (page) => (page === undefined ? undefined : changePage(page, id, change)))
}

/** Takes a lead out of everything that was loaded. */
export function forget(client: QueryClient, id: string): void {
  client.setQueriesData<InfiniteData<LeadPage>>({ queryKey: key('leads', 'pages') }, (data) => {
    if (data === undefined) return undefined
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.filter((lead) => lead.id !== id) })) }
  })
  client.removeQueries({ queryKey: key('leads', id) })
}

function changePage(page: LeadPage, id: string, change: Change): LeadPage {
  const at = page.items.findIndex((lead) => lead.id === id)
  const lead = page.items[at]
  return lead === undefined ? page : { ...page, items: page.items.with(at, change(lead)) }
}
