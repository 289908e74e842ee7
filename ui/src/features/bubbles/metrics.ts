// What areas can be told by: counts, prices, and how they lie beside the estimates.
import type { Schema } from '~/api/client'
import { count, money, moneyShort, percent, signed } from '~/format/numbers'

type Cluster = Schema<'ClusterOut'>

/** Which homes are counted. */
export type Group = 'for_sale' | 'sold'

export interface Metric {
  /** Its name, with what is counted and of when. */
  label: string
  group: Group
  /** What the server is asked for it. */
  asked: Schema<'ClusterMetric'>
  of: (cluster: Cluster) => number | null
  unit: 'homes' | 'money' | 'share' | 'change'
}

const value = (cluster: Cluster) => cluster.value

export const metrics = {
  for_sale: { label: 'Homes for sale', group: 'for_sale', asked: 'count', of: ({ count: n }) => n, unit: 'homes' },
  asking_price: { label: 'Median asking price', group: 'for_sale', asked: 'median_price', of: value, unit: 'money' },
  asking_per_sqft: { label: 'Asking price per sqft', group: 'for_sale', asked: 'price_per_sqft', of: value, unit: 'money' },
  asking_spread: { label: 'Spread of asking prices', group: 'for_sale', asked: 'median_price', of: spread, unit: 'share' },
  estimate_gap: { label: 'Estimate beside asking price', group: 'for_sale', asked: 'estimate_gap', of: value, unit: 'change' },
  sold: { label: 'Homes sold, all on record', group: 'sold', asked: 'count', of: ({ count: n }) => n, unit: 'homes' },
  sold_price: { label: 'Median price paid', group: 'sold', asked: 'median_price', of: value, unit: 'money' },
  sold_per_sqft: { label: 'Price paid per sqft', group: 'sold', asked: 'price_per_sqft', of: value, unit: 'money' },
} as const satisfies Record<string, Metric>

export type MetricId = keyof typeof metrics
export const metricIds = Object.keys(metrics) as MetricId[]

export function metricOf(id: MetricId): Metric {
  return metrics[id]
}

/** How far the tenth and the ninetieth of a hundred prices are apart, as a share of the median. */
function spread({ value: median, p10, p90 }: Cluster): number | null {
  return median === null || median === 0 || p10 === null || p90 === null ? null : (p90 - p10) / median
}

/** What the numbers of a metric mean, where the name does not say it. */
export const notes: Partial<Record<MetricId, string>> = {
  asking_spread: 'From the price that one in ten stays below to the one that one in ten exceeds, as a share of the median.',
  estimate_gap: 'The median of how much more (+) or less (\u2212) than its asking price a home is estimated at.',
}

/** A value in words: `42`, `$612,000`, `38%`, `+2.1%`. */
export function write(id: MetricId, amount: number, currency: string): string {
  switch (metricOf(id).unit) {
    case 'homes':
      return count(amount)
    case 'money':
      return money(Math.round(amount), currency)
    case 'share':
      return percent(amount)
    case 'change':
      return `${signed(amount * 100, 1)}%`
  }
}

/** As short as it goes, for bubbles and legends. */
export function writeShort(id: MetricId, amount: number, currency: string): string {
  return metricOf(id).unit === 'money' ? moneyShort(amount, currency) : metricOf(id).unit === 'change' ? `${signed(amount * 100)}%` : write(id, amount, currency)
}
