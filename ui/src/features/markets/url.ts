// What the pages about markets read from their addresses.
import { rings } from '~/features/homes/url'
import { oneOf, text, urlSchema } from '~/url'

const DAY = /^\d{4}-\d{2}-\d{2}$/

/** A civil day, `2026-09-30`. */
function day(raw: unknown): string | undefined {
  return typeof raw === 'string' && DAY.test(raw) && !Number.isNaN(Date.parse(raw)) ? raw : undefined
}

/** What is told of sales in an area. */
export const figures = ['price', 'price_per_sqft', 'days_on_market'] as const
export type Figure = (typeof figures)[number]

export const marketsUrl = urlSchema({ q: text(100) })
export type MarketsUrl = ReturnType<typeof marketsUrl>

export const marketUrl = urlSchema({
  metric: text(200),
  /** First and last day that are shown; from the first and to the end of the forecast when absent. */
  from: day,
  to: day,
  /** Another market whose series is drawn beside. */
  beside: text(64),
  /** Areas of one's own, and which figure of the sales in them. */
  poly: rings(),
  sold: oneOf(figures),
})
export type MarketUrl = ReturnType<typeof marketUrl>

/** The series that the address names, as long as the market has it; else its first one. */
export function metricOf(metrics: readonly string[], { metric }: Pick<MarketUrl, 'metric'>): string | undefined {
  return metrics.find((one) => one === metric) ?? metrics[0]
}
