// What homes sold for in an area and in the whole market: which months are asked for, and how they are drawn, told and saved.
import type { Schema } from '~/api/client'
import { count, plural } from '~/format/numbers'
import type { FileTable } from '~/format/table'
import { timeOf, writing, type Writing } from './course'
import type { Figure } from './url'

export type Month = Schema<'MonthSalesOut'>

/** What can be told of a month, and of how many of its sales. */
const parts = {
  price: { value: 'median_price', of: 'sales' },
  price_per_sqft: { value: 'median_price_per_sqft', of: 'sales_with_area' },
  days_on_market: { value: 'median_days_on_market', of: 'sales_with_days' },
} as const

/** Months that the server tells at once, at most. */
const MOST_MONTHS = 120

export interface Months {
  from?: string
  to?: string
}

/** The months of the page's span, as many as the server tells: the first of them when only they are named, else the last. */
export function monthsOf({ from, to }: Months, present: string): Months {
  const [first, last] = [from?.slice(0, 7), to?.slice(0, 7)]
  if (first === undefined) return last === undefined ? {} : { to: last }
  if (last === undefined) {
    const ahead = plusMonths(first, MOST_MONTHS - 1)
    return first > present ? { from: first, to: first } : ahead < present ? { from: first, to: ahead } : { from: first }
  }
  if (first > last) return { to: last }
  const least = plusMonths(last, 1 - MOST_MONTHS)
  return { from: first < least ? least : first, to: last }
}

/** The ten years before the months that are shown, as days of the address. */
export function earlier(months: readonly Month[]): { from: string; to: string } | null {
  const first = months[0]?.period
  if (first === undefined) return null
  // A day that every month has.
  return { from: `${plusMonths(first, -MOST_MONTHS)}-01`, to: `${plusMonths(first, -1)}-28` }
}

/** `2026-01` so many months later. */
export function plusMonths(month: string, more: number): string {
  const [year = 0, of = 1] = month.split('-').map(Number)
  const all = year * 12 + of - 1 + more
  return `${String(Math.floor(all / 12)).padStart(4, '0')}-${String((all % 12) + 1).padStart(2, '0')}`
}

export function valueOf(month: Month, figure: Figure): number | null {
  return month[parts[figure].value]
}

/** Of how many sales the figure is. */
export function salesOf(month: Month, figure: Figure): number {
  return month[parts[figure].of]
}

/** Sales of all months together. */
export function allSales(months: readonly Month[]): number {
  return months.reduce((sum, { sales }) => sum + sales, 0)
}

export function writingOf(figure: Figure, currency: string, values: readonly number[]): Writing {
  const write = writing(figure, currency, values)
  return figure === 'days_on_market' ? { ...write, unit: 'days' } : write
}

/** Area and market on one line of time, with how many sales each value is of. */
export interface Drawn {
  times: number[]
  area: (number | null)[]
  whole: (number | null)[]
  /** In words, at the same places: `14 sales, market 212`. */
  counts: string[]
}

export function drawnOf(whole: readonly Month[], area: readonly Month[] | undefined, figure: Figure): Drawn {
  const inArea = new Map((area ?? []).map((month) => [month.period, month]))
  const periods = [...new Set([...whole, ...(area ?? [])].map(({ period }) => period))].sort()
  const inAll = new Map(whole.map((month) => [month.period, month]))
  const read = (months: Map<string, Month>, period: string) => {
    const month = months.get(period)
    return month === undefined ? null : valueOf(month, figure)
  }
  const number = (months: Map<string, Month>, period: string) => {
    const month = months.get(period)
    return month === undefined ? 0 : salesOf(month, figure)
  }
  return {
    times: periods.map((period) => timeOf(`${period}-01`)),
    area: periods.map((period) => read(inArea, period)),
    whole: periods.map((period) => read(inAll, period)),
    counts: periods.map((period) => (area === undefined ? plural(number(inAll, period), 'sale') : `${plural(number(inArea, period), 'sale')}, market ${count(number(inAll, period))}`)),
  }
}

/** The months of which a median would be of too few sales, with how many there are: `Mar 2025 (3)`. */
export function withheld(months: readonly Month[], figure: Figure, write: (period: string) => string): string[] {
  return months.filter((month) => valueOf(month, figure) === null).map((month) => `${write(month.period)} (${count(salesOf(month, figure))})`)
}

/** Values as points of a series, for the sentence on them. */
export function pointsOf(months: readonly Month[], figure: Figure): { period: string; value: number }[] {
  return months.flatMap((month) => {
    const value = valueOf(month, figure)
    return value === null ? [] : [{ period: `${month.period}-01`, value }]
  })
}

/** All figures of each month, of the area and of the market. */
export function salesTable(whole: readonly Month[], area: readonly Month[] | undefined): FileTable {
  const names = ['sales', 'suppressed', 'median_price', 'sales_with_area', 'median_price_per_sqft', 'sales_with_days', 'median_days_on_market'] as const
  const inArea = new Map((area ?? []).map((month) => [month.period, month]))
  const columnsOf = (whose: string) => names.map((name) => [`${whose}_${name}`, name === 'suppressed' ? 'flag' : 'number'] as const)
  return {
    columns: [['period', 'text'], ...(area === undefined ? [] : columnsOf('area')), ...columnsOf('market')],
    rows: whole.map((month) => [month.period, ...(area === undefined ? [] : names.map((name) => inArea.get(month.period)?.[name])), ...names.map((name) => month[name])]),
  }
}
