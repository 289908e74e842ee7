// What is told of how a page felt: by the pattern of the address that was opened, within what the server takes.
import { expect, it } from 'vitest'
import { told } from '~/state/vitals'

const pageOf = (path: string) => (path.startsWith('/leads/') ? '/leads/$id' : null)
const measured = (name: string, value: number, path = '/leads/7') => ({ name, value, id: name, navigationURL: `http://localhost${path}?tab=consent` })

it('a figure is told by the pattern of its page', () => {
  expect(told(measured('LCP', 812.5), pageOf)).toEqual({ page: '/leads/$id', metric: 'lcp', value: 812.5 })
})

it('what the server would refuse is cut', () => {
  expect(told(measured('INP', 1e9), pageOf)?.value).toBe(600_000)
  expect(told(measured('CLS', 1e9), pageOf)?.value).toBe(100)
})

it('other figures and addresses without a page are not told', () => {
  expect([told(measured('TTFB', 1), pageOf), told(measured('LCP', 1, '/nowhere'), pageOf), told({ name: 'LCP', value: 1, id: 'x' }, pageOf)]).toEqual([null, null, null])
})
