// Addresses hold the state of a page, and nothing that a page does not understand.
import { describe, expect, it } from 'vitest'
import { inboxUrl } from '~/features/leads/url'
import { safeNext } from '~/features/session/SignInPage'
import { flag, id, list, number, oneOf, parseSearch, someOf, stringifySearch, text, urlSchema } from '~/url'

const ID = '01a223cc-4afd-7705-aad4-d06381c5c43c'
const schema = urlSchema({ q: text(5), band: oneOf(['hot', 'cool']), beds: number(0, 10), on: flag(), who: id(), types: someOf(['house', 'condo']), ids: list(2) })

describe('a schema', () => {
  it('keeps what it understands', () => {
    const raw = parseSearch(`?q=abc&band=hot&beds=3&on=1&who=${ID}&types=condo,house&ids=b,a`)
    expect(schema(raw)).toEqual({ q: 'abc', band: 'hot', beds: 3, on: true, who: ID, types: ['house', 'condo'], ids: ['a', 'b'] })
  })

  it('leaves out what it does not', () => {
    expect(schema({ q: '  ', band: 'tepid', beds: '11', on: 'yes', who: '../x', types: 'tent', ids: '', more: 1 })).toEqual({})
    expect(schema({ q: 'longer text', beds: '' })).toEqual({ q: 'longe' })
  })

  it('covers what it does not understand, since the router keeps what is not covered', () => {
    const raw = { band: 'tepid', more: 'x' }
    expect({ ...raw, ...schema(raw) }).toEqual({ more: 'x' })
  })

  it('gives back what was written', () => {
    const values = { q: 'a b', beds: 0, on: true as const, types: ['house' as const, 'condo' as const] }
    expect(schema(parseSearch(stringifySearch(values)))).toEqual(values)
    expect(stringifySearch({ a: undefined, b: false, c: '' })).toBe('')
    expect(stringifySearch({ types: ['house', 'condo'] })).toBe('?types=house,condo')
  })
})

it('the inbox keeps its filters and the open lead', () => {
  expect(inboxUrl({ band: 'warm', sort: '-score', lead: ID, q: 'ann', cursor: 'x' })).toEqual({ band: 'warm', sort: '-score', lead: ID, q: 'ann' })
  expect(inboxUrl({ sort: 'password' })).toEqual({})
})

it('after signing in one lands on this server only', () => {
  expect(safeNext('/settings?a=1#b')).toBe('/settings?a=1#b')
  for (const bad of [undefined, 'https://elsewhere.example/', '//elsewhere.example/x', '/\\elsewhere.example', 'settings', '/sign-in']) {
    expect(safeNext(bad)).toBe('/')
  }
})
