// Times, sizes and courses of performance, in words.
import { count, decimal } from '~/format/numbers'
import type { RouteFigures, Sample } from './queries'
import type { PerformanceUrl } from './url'

/** `0.42 ms`, `3.1 ms`, `120 ms`, `2.40 s`; a dash when there was nothing to measure. */
export function lasting(milliseconds: number | null): string {
  if (milliseconds === null) return '–'
  if (milliseconds >= 1000) return `${decimal(milliseconds / 1000, 2)} s`
  return `${decimal(milliseconds, milliseconds < 1 ? 2 : milliseconds < 100 ? 1 : 0)} ms`
}

/** A number of things a second: `<0.1`, `0.3`, `12`, `1,204`. */
export function pace(rate: number | null): string {
  if (rate === null) return '–'
  if (rate > 0 && rate < 0.05) return '<0.1'
  return rate < 10 ? decimal(rate, 1) : count(rate)
}

/** The largest of what is known; null when nothing is. */
export function peak(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

const failures = ({ errors, refused }: RouteFigures) => errors * 1_000_000 + refused

/** Routes as the address asks for them: by calls, by their slowest answers, by what failed. */
export function ordered(routes: readonly RouteFigures[], sort: PerformanceUrl['sort']): RouteFigures[] {
  if (sort === 'slowest') return [...routes].sort((a, b) => (b.p95_ms ?? -1) - (a.p95_ms ?? -1))
  if (sort === 'failing') return [...routes].sort((a, b) => failures(b) - failures(a))
  return [...routes].sort((a, b) => b.requests - a.requests || b.total - a.total)
}

/** A sentence on the times for everybody who does not see the chart. */
export function toldTimes(samples: readonly Sample[]): string {
  const requests = samples.reduce((sum, one) => sum + one.requests, 0)
  if (requests === 0) return 'No requests in this span.'
  return `${count(requests)} requests. 95 of 100 were answered within ${lasting(samples.findLast(({ p95_ms }) => p95_ms !== null)?.p95_ms ?? null)} at the end, and within ${lasting(peak(samples.map(({ p95_ms }) => p95_ms)))} at worst.`
}
