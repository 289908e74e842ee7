// The course of a series and what is expected next, ready to be drawn, told and downloaded.
import type { Schema } from '~/api/client'
import { compact, count, decimal, money, percent } from '~/format/numbers'

type Point = Schema<'PointOut'>
type Expected = Schema<'ForecastPointOut'>

export interface Course {
  /** Unix milliseconds of each period, ascending; of the series and the forecast together. */
  times: number[]
  actual: (number | null)[]
  beside: (number | null)[]
  mean: (number | null)[]
  low80: (number | null)[]
  high80: (number | null)[]
  /** The last known value, from which the forecast starts. */
  last: number | null
}

export interface Span {
  from?: string
  to?: string
}

/** Noon, so that the day is the same in every time zone of the reader. */
export function timeOf(period: string): number {
  return new Date(`${period}T12:00:00`).getTime()
}

/** The civil day of a moment, `2026-09-30`. */
export function dayOf(time: number): string {
  const at = new Date(time)
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, '0')).join('-')
}

/** Series, forecast and another market's series on one line of time, within a span. */
export function course(points: readonly Point[], expected: readonly Expected[], beside: readonly Point[], { from, to }: Span = {}): Course {
  const within = ({ period }: { period: string }) => (from === undefined || period >= from) && (to === undefined || period <= to)
  const [known, ahead, other] = [points.filter(within), expected.filter(within), beside.filter(within)]
  const periods = [...new Set([...known, ...ahead, ...other].map(({ period }) => period))].sort()
  const values = new Map(known.map(({ period, value }) => [period, value]))
  const others = new Map(other.map(({ period, value }) => [period, value]))
  const forecast = new Map(ahead.map((one) => [one.period, one]))
  return {
    times: periods.map(timeOf),
    actual: periods.map((period) => values.get(period) ?? null),
    beside: periods.map((period) => others.get(period) ?? null),
    mean: periods.map((period) => forecast.get(period)?.mean ?? null),
    low80: periods.map((period) => forecast.get(period)?.lower80 ?? null),
    high80: periods.map((period) => forecast.get(period)?.upper80 ?? null),
    last: known.at(-1)?.value ?? null,
  }
}

export interface Writing {
  /** What the values are counted in; empty when the file did not say. */
  unit: string
  long: (value: number) => string
  /** At an axis whose values are `step` apart. */
  tick: (value: number, step: number) => string
}

/** How the values of a metric are written: money where the name speaks of it, else numbers as exact as they need to be. */
export function writing(metric: string, currency: string, values: readonly number[]): Writing {
  if (/price|rent|home_value|zhvi|zori/.test(metric)) {
    return { unit: currency, long: (value) => money(Math.round(value), currency), tick: (value, step) => compact(value, step, currency) }
  }
  const size = Math.max(0, ...values.map(Math.abs))
  const digits = size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  const write = (value: number) => (digits === 0 ? count(value) : decimal(value, digits))
  return { unit: '', long: write, tick: compact }
}

/** The change over a year, as a share of what it was; null without a value of a year before. */
export function yearly(points: readonly Point[]): number | null {
  const last = points.at(-1)
  if (last === undefined) return null
  const before = `${Number(last.period.slice(0, 4)) - 1}${last.period.slice(4, 7)}`
  const then = points.find(({ period }) => period.startsWith(before))
  return then === undefined || then.value === 0 ? null : last.value / then.value - 1
}

/** A sentence on the course for everybody who does not see the chart. */
export function told(name: string, points: readonly Point[], expected: readonly Expected[], write: (value: number) => string, period: (time: number) => string): string {
  const [first, last] = [points[0], points.at(-1)]
  if (first === undefined || last === undefined) return `${name}: no values in this span.`
  const change = yearly(points)
  const parts = [`${name} went from ${write(first.value)} in ${period(timeOf(first.period))} to ${write(last.value)} in ${period(timeOf(last.period))}`]
  if (change !== null) parts.push(`${percent(change, 1)} over the last year`)
  const end = expected.at(-1)
  if (end !== undefined) parts.push(`expected ${write(end.mean)} in ${period(timeOf(end.period))}, four in five times between ${write(end.lower80)} and ${write(end.upper80)}`)
  return `${parts.join(', ')}.`
}

/** Whether each month has at most one value, so that its name says enough. */
export function isMonthly(periods: readonly string[]): boolean {
  return new Set(periods.map((period) => period.slice(0, 7))).size === periods.length
}
