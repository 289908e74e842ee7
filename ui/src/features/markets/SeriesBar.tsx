// What of a market is drawn: which series, over which span, and which other market beside it.
import { useId } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { Popover } from '~/components/Popover'
import { sentence } from '~/format/words'
import { useNarrow } from '~/state/media'
import { dayOf, timeOf } from './course'
import styles from './Markets.module.css'
import type { MarketUrl } from './url'

interface Props {
  metrics: readonly string[]
  metric: string
  /** Markets that have the same series. */
  others: readonly Schema<'MarketOut'>[]
  search: MarketUrl
  points: readonly Schema<'PointOut'>[]
  onChange: (change: Partial<MarketUrl>) => void
}

const MOST_IN_SIGHT = 4
const spans = [['1', '1 year'], ['3', '3 years'], ['10', '10 years']] as const
type Years = (typeof spans)[number][0] | 'all' | 'own'

export function SeriesBar({ metrics, metric, others, search, points, onChange }: Props) {
  const id = useId()
  const narrow = useNarrow()
  const last = points.at(-1)?.period
  const years = chosen(search, last)
  const pick = (value: Years) => {
    if (value === 'own' || last === undefined) return
    onChange({ from: value === 'all' ? undefined : before(last, Number(value)), to: undefined })
  }
  const pickMetric = (value: string) => onChange({ metric: value === metrics[0] ? undefined : value, beside: undefined })
  const isCut = search.from !== undefined || search.to !== undefined
  const dates = (
    <>
      <label htmlFor={`${id}-from`}>From <input id={`${id}-from`} type="date" className={styles.select} value={search.from ?? points[0]?.period ?? ''} onChange={(event) => onChange({ from: event.target.value || undefined })} /></label>
      <label htmlFor={`${id}-to`}>{narrow ? 'To' : 'to'} <input id={`${id}-to`} type="date" className={styles.select} value={search.to ?? ''} onChange={(event) => onChange({ to: event.target.value || undefined })} /></label>
      {isCut && <Button look="plain" onClick={() => onChange({ from: undefined, to: undefined })}>Show all</Button>}
    </>
  )
  return (
    <div className={styles.bar}>
      {metrics.length <= MOST_IN_SIGHT && !narrow
        ? <Choice legend="Series" hideLegend value={metric} onChange={pickMetric} options={metrics.map((one) => [one, sentence(one)])} />
        : <label>Series <select className={styles.select} value={metric} onChange={(event) => pickMetric(event.target.value)}>{metrics.map((one) => <option key={one} value={one}>{sentence(one)}</option>)}</select></label>}
      <Choice legend="Span" hideLegend value={years} onChange={pick} options={[...spans, ['all', 'All'], ...(years === 'own' ? [['own', 'Own span'] as const] : [])]} />
      {narrow ? <Popover button="Dates" label="Dates" set={isCut}><div className={styles.dates}>{dates}</div></Popover> : dates}
      {others.length > 0 && (
        <label>Beside{' '}
          <select className={styles.select} value={search.beside ?? ''} onChange={(event) => onChange({ beside: event.target.value || undefined })}>
            <option value="">no other market</option>
            {others.map((one) => <option key={one.id} value={one.id}>{one.name}</option>)}
          </select>
        </label>
      )}
    </div>
  )
}

function chosen({ from, to }: MarketUrl, last: string | undefined): Years {
  if (from === undefined && to === undefined) return 'all'
  const found = last === undefined || to !== undefined ? undefined : spans.find(([years]) => before(last, Number(years)) === from)
  return found?.[0] ?? 'own'
}

/** The same day so many years earlier. */
function before(day: string, years: number): string {
  const at = new Date(timeOf(day))
  at.setFullYear(at.getFullYear() - years)
  return dayOf(at.getTime())
}
