// What the bubble map reads from its address.
import { box } from '~/features/homes/url'
import { number, oneOf, text, urlSchema } from '~/url'
import { metricIds, type MetricId } from './metrics'

export const bubblesUrl = urlSchema({
  market: text(64),
  /** What the size of a bubble says. */
  size: oneOf(metricIds),
  /** What its colour says. */
  color: oneOf(metricIds),
  /** What is written on it. */
  metric: oneOf(metricIds),
  view: oneOf(['table']),
  /** A column of the table, with a leading - from the largest down. */
  sort: text(40),
  /** The area that is open. */
  area: text(40),
  bbox: box(),
  z: number(0, 22),
})

export type BubblesUrl = ReturnType<typeof bubblesUrl>

/** What sizes, colours and words of the bubbles say. */
export interface Bound {
  size: MetricId
  color: MetricId
  metric: MetricId
}

export function boundOf({ size = 'for_sale', color = 'asking_price', metric = color }: BubblesUrl): Bound {
  return { size, color, metric }
}
