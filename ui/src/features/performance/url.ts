// What the page of performance reads from its address.
import { oneOf, urlSchema } from '~/url'

/** A moment, `2026-09-30T12:00:00.000Z`. */
function moment(raw: unknown): string | undefined {
  return typeof raw === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined
}

/** Seconds that become one point of a chart. */
export const steps = ['10', '30', '60', '300'] as const
export const orders = ['busiest', 'slowest', 'failing'] as const

export const performanceUrl = urlSchema({
  /** The first and the last moment that are shown: an hour ago and now when absent. */
  from: moment,
  to: moment,
  every: oneOf(steps),
  /** The order of routes; the busiest first when absent. */
  sort: oneOf(orders),
})

export type PerformanceUrl = ReturnType<typeof performanceUrl>
