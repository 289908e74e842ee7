// The course of a series with its forecast, as a chart, a table and a file.
import { useMemo } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { SaveTable } from '~/components/SaveTable'
import { EmptyState } from '~/components/states'
import { TimeChart, type Series } from '~/components/TimeChart'
import { day, month } from '~/format/time'
import type { FileTable } from '~/format/table'
import { sentence } from '~/format/words'
import { useNow } from '~/state/now'
import { course, dayOf, isMonthly, told, type Course, type Writing } from './course'
import type { MarketUrl } from './url'

interface Props {
  market: Schema<'MarketOut'>
  metric: string
  write: Writing
  points: readonly Schema<'PointOut'>[]
  forecast: Schema<'ForecastOut'> | undefined
  beside: { name: string; points: readonly Schema<'PointOut'>[] } | undefined
  search: MarketUrl
  onChange: (change: Partial<MarketUrl>) => void
}

export function MarketChart({ market, metric, write, points, forecast, beside, search, onChange }: Props) {
  const now = useNow()
  const { from, to } = search
  const drawn = useMemo(() => course(points, forecast?.points ?? [], beside?.points ?? [], { from, to }), [points, forecast, beside, from, to])
  const monthly = useMemo(() => isMonthly(points.map(({ period }) => period)), [points])
  const formatTime = (time: number) => (monthly ? month(new Date(time)) : day(new Date(time), now))
  const within = points.filter(({ period }) => (from === undefined || period >= from) && (to === undefined || period <= to))
  if (drawn.times.length === 0) return <EmptyState title="No values in this span" action={<Button onClick={() => onChange({ from: undefined, to: undefined })}>Show all</Button>}>The series has values outside of it.</EmptyState>
  const ahead = drawn.mean.some((value) => value !== null)
  const start = drawn.last ?? undefined
  const series: Series[] = [
    { label: market.name, values: drawn.actual, colour: 's1' },
    ...(ahead ? [{ label: 'Forecast', values: drawn.mean, colour: 's1', dashed: true, start } as const] : []),
    ...(beside === undefined ? [] : [{ label: beside.name, values: drawn.beside, colour: 's2', dotted: true } as const]),
  ]
  return (
    <TimeChart
      title={sentence(metric)} unit={write.unit} height={320} times={drawn.times} series={series} format={write.long} formatTick={write.tick} formatTime={formatTime}
      bands={ahead ? [{ label: '80% interval', low: drawn.low80, high: drawn.high80, colour: 's1', strength: 0.22, start }] : []}
      summary={told(`${sentence(metric)} of ${market.name}`, within, drawn.mean.some((value) => value !== null) ? (forecast?.points ?? []) : [], write.long, formatTime)}
      onRange={(first, last) => onChange({ from: dayOf(first), to: dayOf(last) })}
      actions={<SaveTable name={`${market.slug}-${metric}`} table={() => courseTable(drawn, metric, beside?.name)} />}
    />
  )
}

/** What is drawn, one row for each period. */
export function courseTable(drawn: Course, metric: string, beside: string | undefined): FileTable {
  const numbers = [metric, 'forecast_mean', 'forecast_lower80', 'forecast_upper80', ...(beside === undefined ? [] : [`${metric} of ${beside}`])]
  const rows = drawn.times.map((time, at) => [
    dayOf(time), drawn.actual[at], drawn.mean[at], drawn.low80[at], drawn.high80[at], ...(beside === undefined ? [] : [drawn.beside[at]]),
  ])
  return { columns: [['period', 'day'], ...numbers.map((name) => [name, 'number'] as const)], rows }
}
