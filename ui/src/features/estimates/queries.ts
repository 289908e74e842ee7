// What the page of a home asks the server beside the home itself.
import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import type { Home } from '~/features/homes/home'
import type { Changes } from './url'

export type Estimate = Schema<'EstimateOut'>
export type Calculation = Schema<'CalculationOut'>
export type Kind = Schema<'AnalysisKind'>
export type Inputs = Schema<'AnalysisInputs'>

export type Interested = Schema<'ListingLeadOut'>

const COMPARABLES = 8
const LEADS = 20

export function estimateQuery(id: string) {
  return queryOptions({
    queryKey: key('estimates', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/listings/{id}/estimate', { params: { path: { id }, query: { comparables: COMPARABLES, explain: true } }, signal })),
  })
}

export function historyQuery(id: string) {
  return queryOptions({
    queryKey: key('homes', id, 'history'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/listings/{id}/history', { params: { path: { id } }, signal })),
  })
}

/** The leads that the home fits best, with reasons. */
export function interestedQuery(id: string) {
  return queryOptions({
    queryKey: key('homes', id, 'leads'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/listings/{id}/leads', { params: { path: { id }, query: { limit: LEADS } }, signal })),
  })
}

/** The latest analysis of each kind. */
export function analysesQuery(id: string) {
  return queryOptions({
    queryKey: key('homes', id, 'analyses'),
    queryFn: ({ signal }) => take(api.GET('/api/v1/analyses', { params: { query: { listing_id: id } }, signal })),
  })
}

/** One analysis on its way, asked for until it is done. */
export function analysisQuery(id: string) {
  return queryOptions({
    queryKey: key('jobs', 'analysis', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/analyses/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state }) => (isUnderWay(state.data) ? 600 : false),
  })
}

export function isUnderWay(one: Calculation | undefined): boolean {
  return one === undefined || one.state === 'queued' || one.state === 'running'
}

export function askAnalysis(kind: Kind, listing: string, inputs: Inputs): Promise<Calculation> {
  return take(api.POST('/api/v1/analyses', { body: { kind, subject: { listing_id: listing }, inputs } }))
}

/** The estimate of the home as it would be with some facts changed. */
export function whatIfQuery(home: Home, changes: Changes) {
  return queryOptions({
    queryKey: key('estimates', home.id, 'what-if', changes),
    queryFn: ({ signal }) => take(api.POST('/api/v1/pricing/estimate', { body: { market: home.market, home: changed(home, changes), comparables: 0, explain: false }, signal })),
    enabled: Object.keys(changes).length > 0,
  })
}

const FACTS = ['bedrooms', 'bathrooms', 'living_area_sqft', 'lot_size_sqft', 'year_built', 'stories', 'garage_spaces'] as const

/** The facts of the home with the changes put in: flags stay flags. */
function changed(home: Home, changes: Changes): Schema<'HomeIn'> {
  const attributes: Record<string, unknown> = { ...home.attributes }
  for (const [name, value] of Object.entries(changes)) {
    if (name in attributes) attributes[name] = typeof attributes[name] === 'boolean' ? value === 1 : value
  }
  const facts = Object.fromEntries(FACTS.flatMap((name) => (home[name] == null && changes[name] === undefined ? [] : [[name, changes[name] ?? home[name]]])))
  const { latitude, longitude, property_type, address: { city, postal_code } } = home
  return { ...facts, latitude, longitude, property_type, city, postal_code, attributes: attributes as Schema<'FreeFields'> }
}
