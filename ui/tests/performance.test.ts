// Performance in words: times, orders of routes, a sentence on the hour.
import { describe, expect, it } from 'vitest'
import type { RouteFigures, Sample } from '~/features/performance/queries'
import { performanceUrl } from '~/features/performance/url'
import { lasting, ordered, pace, peak, toldTimes } from '~/features/performance/words'

it.each([[null, '–'], [0.416, '0.42 ms'], [3.14, '3.1 ms'], [120.4, '120 ms'], [2400, '2.40 s']])('%s ms is written %s', (value, text) => {
  expect(lasting(value)).toBe(text)
})

it('a pace is as exact as it needs to be', () => {
  expect([null, 0, 0.02, 0.34, 12.4, 1204].map(pace)).toEqual(['–', '0.0', '<0.1', '0.3', '12', '1,204'])
})

it('the address keeps moments and known steps', () => {
  expect(performanceUrl({ from: '2026-09-30T12:00:00.000Z', to: 'later', every: '60', sort: 'random' })).toEqual({ from: '2026-09-30T12:00:00.000Z', every: '60' })
})

describe('routes', () => {
  const route = (name: string, requests: number, p95: number | null, refused: number, errors: number): RouteFigures => ({ method: 'GET', route: name, total: requests, requests, rate: 1, refused, errors, p50_ms: p95, p95_ms: p95, p99_ms: p95 })
  const routes = [route('a', 5, 1, 9, 0), route('b', 9, null, 0, 0), route('c', 7, 80, 0, 1)]

  it('are put in the order that is asked for', () => {
    expect(ordered(routes, undefined).map((one) => one.route)).toEqual(['b', 'c', 'a'])
    expect(ordered(routes, 'slowest').map((one) => one.route)).toEqual(['c', 'a', 'b'])
    expect(ordered(routes, 'failing').map((one) => one.route)).toEqual(['c', 'a', 'b'])
  })
})

describe('the hour in a sentence', () => {
  const sample = (requests: number, p95_ms: number | null) => ({ requests, p95_ms }) as Sample

  it('tells the end and the worst of it', () => {
    expect(toldTimes([sample(5, 80), sample(3, 2), sample(0, null)])).toBe('8 requests. 95 of 100 were answered within 2.0 ms at the end, and within 80.0 ms at worst.')
    expect(toldTimes([sample(0, null)])).toBe('No requests in this span.')
    expect(peak([null, null])).toBeNull()
  })
})
