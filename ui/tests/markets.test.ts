// Markets: series and forecast on one line of time, and what is said of them.
import { parquetReadObjects } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { course, dayOf, isMonthly, timeOf, told, writing, yearly } from '~/features/markets/course'
import { courseTable } from '~/features/markets/MarketChart'
import { verdict } from '~/features/markets/Backtest'
import { drawnOf, earlier, monthsOf, plusMonths, salesTable, withheld, type Month } from '~/features/markets/sales'
import { csv } from '~/format/csv'
import { parquet } from '~/format/parquet'
import type { FileTable } from '~/format/table'
import { marketUrl, metricOf } from '~/features/markets/url'

const asCsv = ({ columns, rows }: FileTable) => csv(columns.map(([name]) => name), rows)

const points = [{ period: '2024-12-01', value: 100 }, { period: '2025-01-01', value: 110 }, { period: '2025-12-01', value: 125 }]
const expected = [{ period: '2026-01-01', mean: 130, lower80: 120, upper80: 140 }]

describe('the course of a series', () => {
  const drawn = course(points, expected, [{ period: '2025-01-01', value: 90 }], { from: '2025-01-01' })

  it('has series, forecast and the other market at the times of each', () => {
    expect(drawn.times.map(dayOf)).toEqual(['2025-01-01', '2025-12-01', '2026-01-01'])
    expect(drawn).toMatchObject({ actual: [110, 125, null], beside: [90, null, null], mean: [null, null, 130], low80: [null, null, 120], high80: [null, null, 140], last: 125 })
  })

  it('is saved as it is shown', () => {
    expect(asCsv(courseTable(drawn, 'rent', undefined)).split('\r\n').slice(0, 4)).toEqual(['period,rent,forecast_mean,forecast_lower80,forecast_upper80', '2025-01-01,110,,,', '2025-12-01,125,,,', '2026-01-01,,130,120,140'])
  })

  it('is saved as Parquet with days as days and numbers as numbers', async () => {
    const table = courseTable(drawn, 'rent', 'Elsewhere')
    const rows = await parquetReadObjects({ file: parquet(table) })
    expect(rows).toHaveLength(3)
    expect(rows[0]).toEqual({ period: new Date('2025-01-01'), rent: 110, forecast_mean: null, forecast_lower80: null, forecast_upper80: null, 'rent of Elsewhere': 90 })
    expect(rows[2]).toMatchObject({ period: new Date('2026-01-01'), rent: null, forecast_mean: 130 })
  })

  it('is told in a sentence', () => {
    expect(told('Rent', points, expected, String, (time) => dayOf(time).slice(0, 7))).toBe('Rent went from 100 in 2024-12 to 125 in 2025-12, 25.0% over the last year, expected 130 in 2026-01, four in five times between 120 and 140.')
  })
})

it('a year back needs a value of that month', () => {
  expect(yearly(points)).toBeCloseTo(0.25)
  expect(yearly(points.slice(1))).toBeNull()
})

it('days come back as they were', () => {
  expect(dayOf(timeOf('2026-03-29'))).toBe('2026-03-29')
})

it('months are told apart from days', () => {
  expect(isMonthly(['2026-01-01', '2026-02-01'])).toBe(true)
  expect(isMonthly(['2026-01-01', '2026-01-08'])).toBe(false)
})

it.each([['median_price', 1234.4, '$1,234', 'USD'], ['days_on_market', 41.25, '41.3', ''], ['inventory', 1234, '1,234', '']])('%s is written as it is counted', (metric, value, text, unit) => {
  const { long, unit: counted } = writing(metric, 'USD', [value])
  expect([long(value), counted]).toEqual([text, unit])
})

it.each([[0.45, '45% less wrong'], [-0.2, '20% more wrong'], [0.001, 'As wrong as'], [null, 'Nothing changed']])('a forecast that errs %s less is said to be so', (less, words) => {
  expect(verdict(less)).toContain(words)
})

it('an address keeps a span of days, and a series that the market has', () => {
  expect(marketUrl({ from: '2025-01-01', to: 'soon', metric: 'rent' })).toEqual({ from: '2025-01-01', metric: 'rent' })
  expect([metricOf(['price', 'rent'], { metric: 'rent' }), metricOf(['price'], { metric: 'rent' }), metricOf([], {})]).toEqual(['rent', 'price', undefined])
})

describe('sales of an area', () => {
  const of = (period: string, sales: number, price: number | null): Month => ({
    period, sales, sales_with_area: sales, sales_with_days: sales, suppressed: sales < 5, median_price: price, median_price_per_sqft: null, median_days_on_market: null,
  })
  const whole = [of('2025-11', 40, 500), of('2025-12', 30, 510)]
  const area = [of('2025-11', 7, 600), of('2025-12', 1, null)]

  it('stand beside the market, each month with how many there are', () => {
    expect(drawnOf(whole, area, 'price')).toMatchObject({ area: [600, null], whole: [500, 510], counts: ['7 sales, market 40', '1 sale, market 30'] })
    expect(drawnOf(whole, undefined, 'price')).toMatchObject({ area: [null, null], counts: ['40 sales', '30 sales'] })
    expect(withheld(area, 'price', String)).toEqual(['2025-12 (1)'])
  })

  it('are saved with all their figures', () => {
    const lines = asCsv(salesTable(whole, area)).split('\r\n')
    expect(lines[0]?.split(',').slice(0, 4)).toEqual(['period', 'area_sales', 'area_suppressed', 'area_median_price'])
    expect(lines[2]).toBe('2025-12,1,true,,1,,1,,30,false,510,30,,30,')
  })

  it('are saved as Parquet with the same values', async () => {
    const table = salesTable(whole, area)
    const rows: Record<string, unknown>[] = await parquetReadObjects({ file: parquet(table) })
    expect(rows.map((row) => table.columns.map(([name]) => row[name]))).toEqual(table.rows.map((row) => row.map((cell) => cell ?? null)))
  })

  it.each([
    [{}, {}],
    [{ from: '2024-01-01' }, { from: '2024-01' }],
    [{ from: '2010-01-01' }, { from: '2010-01', to: '2019-12' }],
    [{ from: '2027-01-01' }, { from: '2027-01', to: '2027-01' }],
    [{ to: '2020-05-31' }, { to: '2020-05' }],
    [{ from: '2000-01-01', to: '2020-05-31' }, { from: '2010-06', to: '2020-05' }],
    [{ from: '2021-01-01', to: '2020-05-31' }, { to: '2020-05' }],
  ])('are of the months of the span %o', (span, months) => {
    expect(monthsOf(span, '2026-05')).toEqual(months)
  })

  it('may lie ten years before', () => {
    expect(earlier(whole)).toEqual({ from: '2015-11-01', to: '2025-10-28' })
    expect(earlier([])).toBeNull()
    expect([plusMonths('2025-12', 1), plusMonths('2025-01', -1)]).toEqual(['2026-01', '2024-12'])
  })

  it('have their areas and their figure in the address', () => {
    expect(marketUrl({ poly: '1,2,3,4,5,6', sold: 'price_per_sqft' })).toMatchObject({ poly: '1,2,3,4,5,6', sold: 'price_per_sqft' })
    expect(marketUrl({ poly: '1,2', sold: 'rent' })).toMatchObject({ poly: undefined, sold: undefined })
  })
})
