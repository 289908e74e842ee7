// What the pages about leads ask the server.
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import type { Doing, LeadFilter } from './url'

export type Lead = Schema<'LeadOut'>
export type LeadPage = Schema<'Page_LeadOut'>

// The first page is what one sees at once; later ones are larger, so that a long way down takes fewer requests.
const FIRST_PAGE = 100
const PAGE = 200

/** The filter as the server knows it; `me` is who reads. */
function asked({ band, assignee, market, todo, snoozed, q, sort = '-score' }: LeadFilter, me: string | null) {
  return { tier: band, assignee: assignee === 'me' ? (me ?? undefined) : assignee, market, follow_up: todo, snoozed: snoozed === true ? ('only' as const) : undefined, q, sort }
}

/**
 * Leads in order, page after page; by score when no order is asked for. Events do not make it old: it would be read again
 * from its top, and rows would move under the pointer. `headQuery` watches its first page instead.
 */
export function leadsQuery(filter: LeadFilter, me: string | null) {
  const query = asked(filter, me)
  return infiniteQueryOptions({
    queryKey: key('leads', 'pages', query),
    queryFn: ({ pageParam, signal }) => {
      const limit = pageParam === null ? FIRST_PAGE : PAGE
      return take(api.GET('/api/v1/leads', { params: { query: { ...query, limit, cursor: pageParam ?? undefined } }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
    staleTime: 'static',
  })
}

/** The first page of the same list as it is now. */
export function headQuery(filter: LeadFilter, me: string | null) {
  const query = asked(filter, me)
  return queryOptions({
    queryKey: key('leads', 'list', query),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads', { params: { query: { ...query, limit: FIRST_PAGE } }, signal })),
  })
}

/** How many leads there are in each band and in all; band, `todo` and order make no difference. */
export function countsQuery(filter: LeadFilter, me: string | null) {
  const { assignee, market, q } = asked(filter, me)
  return queryOptions({
    queryKey: key('leads', 'counts', { assignee, market, q }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/counts', { params: { query: { assignee, market, q } }, signal })),
  })
}

export function leadQuery(id: string) {
  return queryOptions({
    queryKey: key('leads', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}', { params: { path: { id } }, signal })),
  })
}

/** Leads that are known by a text, also those that are put off: to find whoever is the same person. */
export function samePersonQuery(q: string) {
  return queryOptions({
    queryKey: key('leads', 'list', { q, same: true }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads', { params: { query: { q, snoozed: 'include', sort: '-last_interaction_at', limit: 9 } }, signal })),
  })
}

/** The score with its reasons, as it is or as of a time. */
export function scoreQuery(id: string, asOf?: string) {
  return queryOptions({
    queryKey: key('leads', id, 'score', { asOf }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/score', { params: { path: { id }, query: { as_of: asOf } }, signal })),
  })
}

/** How the score went over so many days until now, oldest first; times before the lead was there are left out. */
export function courseQuery(id: string, days: number) {
  return queryOptions({
    queryKey: key('leads', id, 'course', { days }),
    queryFn: async ({ signal }) => (await take(api.GET('/api/v1/leads/{id}/score/course', { params: { path: { id }, query: { days } }, signal }))).items,
    // The past does not change.
    staleTime: 30 * 60_000,
  })
}

const kindsOf: Record<Doing, Schema<'InteractionKind'>[]> = {
  messages: ['message_in', 'message_out', 'form_submit', 'email_open', 'link_click'],
  calls: ['call_answered', 'call_missed'],
  homes: ['listing_view', 'listing_save', 'listing_hide', 'listing_share', 'showing_requested', 'showing', 'offer'],
  visits: ['site_visit', 'search'],
  notes: ['note', 'other'],
}

/** What happened, newest first, page after page. */
export function timelineQuery(id: string, limit: number, only: readonly Doing[] = []) {
  const kind = only.length === 0 ? undefined : only.flatMap((doing) => kindsOf[doing]).join(',')
  return infiniteQueryOptions({
    queryKey: key('leads', id, 'timeline', { limit, kind }),
    queryFn: ({ pageParam, signal }) => {
      const query = { kind, limit, cursor: pageParam ?? undefined }
      return take(api.GET('/api/v1/leads/{id}/timeline', { params: { path: { id }, query }, signal }))
    },
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}

/** What the lead did that is worth a word, the latest first. */
export function triggersQuery(id: string) {
  return queryOptions({
    queryKey: key('leads', id, 'triggers'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/triggers', { params: { path: { id } }, signal })),
  })
}

/** The homes that fit best, with reasons. */
export function matchesQuery(id: string, limit: number) {
  return queryOptions({
    queryKey: key('leads', id, 'matches', { limit }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/matches', { params: { path: { id }, query: { limit } }, signal })),
  })
}

/** What the lead agreed to, newest first. */
export function consentQuery(id: string) {
  return queryOptions({
    queryKey: key('leads', id, 'consent'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}/consent', { params: { path: { id } }, signal })),
  })
}

/** A home that a timeline names; what it is called hardly ever changes. */
export function homeQuery(id: string) {
  return queryOptions({
    queryKey: key('homes', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/listings/{id}', { params: { path: { id } }, signal })),
    staleTime: 5 * 60_000,
  })
}

/** The markets by name. */
export const marketsQuery = queryOptions({
  queryKey: key('markets', 'list'),
  queryFn: ({ signal }) => take(api.GET('/api/v1/markets', { signal })),
  staleTime: 5 * 60_000,
})
