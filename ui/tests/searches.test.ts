// Saved searches between form, server and the page of homes.
import { describe, expect, it } from 'vitest'
import { homesUrl } from '~/features/homes/url'
import { filtersIn, searchIn, valuesOf, wishesOf } from '~/features/searches/form'
import { inHomes } from '~/features/searches/inHomes'
import type { SavedSearch } from '~/features/searches/queries'

const area = { type: 'MultiPolygon' as const, coordinates: [[[[-97, 30], [-96, 30], [-96, 31], [-97, 30]]]] }
const filters: SavedSearch['filters'] = { price: { min: 200_000, max: 500_000 }, bedrooms: { min: 3, max: 5 }, property_types: ['Condominium', 'Townhouse'], text: 'garden', year_built: { min: 1990 }, polygon: area, status: ['active', 'pending'] }
const search: SavedSearch = { id: 's', name: 'Condos', market: 'town', filters, cadence: 'daily', paused: false, created_at: '2026-01-01T00:00:00Z', seen_at: '2026-01-01T00:00:00Z', match_count: 1, new_since: 0 }

describe('the form of a saved search', () => {
  it('changes nothing when nothing was changed', () => {
    expect(filtersIn(valuesOf(search), filters)).toEqual(filters)
  })

  it('changes what it has and keeps what it does not have', () => {
    const next = filtersIn({ ...valuesOf(search), least: '', most: '$600,000', bedrooms: '', types: '', text: ' ' }, filters)
    expect(next).toEqual({ price: { min: undefined, max: 600_000 }, bedrooms: { min: undefined, max: 5 }, year_built: { min: 1990 }, polygon: area, status: ['active', 'pending'] })
  })

  it('leaves out what was left blank', () => {
    expect(searchIn({ name: ' A ', market: 'town', least: '', most: '', bedrooms: '', bathrooms: '', types: '', text: '', cadence: 'off' }, undefined)).toEqual({ name: 'A', market: 'town', lead_id: undefined, filters: {}, cadence: 'off' })
  })
})

it('a search for a lead begins with what they look for', () => {
  const lead = { id: 'l', name: 'Tova Quill', market: 'town', preferences: { price: { max: 500_000 }, bedrooms: { min: 3 }, keywords: ['garden', 'view'] }, created_at: '', updated_at: '', custom: {}, provenance: 'api', tags: [], version: 1 }
  const { filters, ...rest } = searchIn(wishesOf(lead), lead.id)
  expect(rest).toEqual({ name: 'Homes for Tova Quill', market: 'town', lead_id: 'l', cadence: 'instant' })
  expect(filters).toEqual({ price: { min: undefined, max: 500_000 }, bedrooms: { min: 3, max: undefined } })
})

describe('on the page of homes', () => {
  it('a search is an address that the page understands', () => {
    const address = inHomes(search)
    expect(address).toEqual({ market: 'town', price: '200000-500000', beds: '3-5', built: '1990-', type: ['Condominium', 'Townhouse'], status: ['active', 'pending'], q: 'garden', poly: '-97,30,-96,30,-96,31' })
    expect(homesUrl(address ?? {})).toEqual(address)
  })

  it('a search has no place when it has a condition that the page does not', () => {
    expect(inHomes({ market: 'town', filters: { lot_size_sqft: { min: 5000 } } })).toBeNull()
  })
})
