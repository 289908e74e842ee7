// The address of the search and what the server is asked for it.
import { describe, expect, it } from 'vitest'
import { conditionsOf, filterOf, listArea, spanWords } from '~/features/homes/filters'
import { stateOf } from '~/features/homes/known'
import { asClusters, boxAround } from '~/features/homes/marked'
import { markIn } from '~/features/homes/marks'
import type { Home } from '~/features/homes/home'
import { compareUrl, homesUrl, readSpan, writeSpan } from '~/features/homes/url'

const A = '01a223eb-fcce-7c74-bd02-4faa01bc5176'
const B = '01a223eb-fde6-73c0-bdbc-63ec91294c51'

describe('the address of the search', () => {
  it('keeps what it understands and leaves out the rest', () => {
    const search = homesUrl({ bbox: '-105,39,-104,40', z: '11.5', price: '200000-', beds: 'many', status: 'closed,gone', sort: 'magic', ids: `${B},x,${A},${B}`, still: '1' })
    expect(search).toEqual({ bbox: '-105,39,-104,40', z: 11.5, price: '200000-', status: ['closed'], ids: [B, A], still: true })
    expect(homesUrl({ bbox: '1,2,0,3' })).toEqual({})
  })

  it('reads and writes spans with open ends', () => {
    for (const written of ['1-2', '3-', '-500000', '1.5-2.5']) expect(writeSpan(readSpan(written) ?? {})).toBe(written)
    expect(readSpan('-')).toBeUndefined()
    expect(spanWords({ min: 3 }, String)).toBe('from 3')
    expect(spanWords({ min: 2, max: 2 }, String)).toBe('2')
  })

  it('compares four homes at most, in the order in which they were chosen', () => {
    const many = Array.from({ length: 6 }, (_, n) => A.replace(/.$/, String(n)))
    expect(compareUrl({ ids: many.join(',') }).ids).toEqual(many.slice(0, 4))
  })
})

describe('what the server is asked', () => {
  it('has only the conditions that are set', () => {
    expect(filterOf(homesUrl({ price: '-500000', type: 'Townhouse', q: 'garden' }))).toEqual({ price: { max: 500000 }, property_types: ['Townhouse'], text: 'garden' })
  })

  it('holds the list to the drawn areas in the viewport', () => {
    const poly = '-105,39,-104,39,-104,40,-105,40'
    expect(listArea(homesUrl({}))).toBeUndefined()
    expect(listArea(homesUrl({ bbox: '0,0,1,1', poly }))).toBe('nowhere')
    expect(listArea(homesUrl({ bbox: '-104.5,39,-104,40', poly }))).toMatchObject({ type: 'MultiPolygon', coordinates: [[expect.any(Array)]] })
  })

  it('names each condition, so that it can be lifted', () => {
    expect(conditionsOf(homesUrl({ price: '300000-500000', beds: '3-' })).map(({ words }) => words)).toEqual(['$300K to $500K', 'from 3 bd'])
  })
})

describe('what a pill shows of its home', () => {
  const known = { favourites: new Set(['liked']), hidden: new Set(['hidden', 'hidden and sold']), viewed: new Set(['viewed', 'sold', 'picked']), picked: ['picked'], statuses: new Map([['sold', 'closed'], ['hidden and sold', 'closed'], ['soon', 'coming_soon']] as const) }

  it('is the state that says most when several are true', () => {
    const shown = ['new', 'viewed', 'sold', 'soon', 'picked', 'hidden', 'hidden and sold', 'liked'].map((id) => stateOf(id, known))
    expect(shown).toEqual(['plain', 'viewed', 'gone', 'plain', 'picked', 'hidden', 'hidden', 'plain'])
  })

  it('has one mark at most', () => {
    expect(['liked', 'hidden', 'new'].map((id) => markIn(known, id))).toEqual(['favourite', 'hidden', null])
  })
})

describe('marked homes on the map', () => {
  const home = (id: string, place: Partial<Home>) => ({ id, status: 'active', list_price: 300_000, ...place }) as Home
  const homes = [home('a', { latitude: 39, longitude: -105 }), home('b', { latitude: 40, longitude: -104, status: 'closed', close_price: 310_000 }), home('nowhere', {})]

  it('are bubbles of one with the price that counts; those without a place are left out', () => {
    expect(asClusters(homes).map(({ listing_id: id, count, value }) => [id, count, value])).toEqual([['a', 1, 300_000], ['b', 1, 310_000]])
  })

  it('have room around them, a single one too', () => {
    expect(boxAround(homes)).toEqual([-105.01, 38.99, -103.99, 40.01])
    expect(boxAround(homes.slice(0, 1))).toEqual([-105.01, 38.99, -104.99, 39.01])
    expect(boxAround(homes.slice(2))).toBeNull()
  })
})
