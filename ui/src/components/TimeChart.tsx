// A chart over time: title, unit, legend with the values under the pointer, a sentence on it, and the same as a table.
import { lazy, Suspense, useId, useState, type ReactNode } from 'react'
import { decimal } from '~/format/numbers'
import { day } from '~/format/time'
import { useNow } from '~/state/now'
import { Button } from './Button'
import styles from './TimeChart.module.css'

export type SeriesColour = 's1' | 's2' | 's3' | 's4' | 's5' | 's6'

export interface Series {
  label: string
  /** One for each time; null where nothing is known: gaps stay gaps. */
  values: readonly (number | null)[]
  colour?: SeriesColour
  /** Dashed, for a forecast. */
  dashed?: boolean
  /** Dotted, for a series of another kind: told apart without its colour, too. */
  dotted?: boolean
  /** Where it comes from, one time before its first value: drawn, so that a forecast hangs on what is known, but not told. */
  start?: number
}

export interface Band {
  label: string
  low: readonly (number | null)[]
  high: readonly (number | null)[]
  colour?: SeriesColour
  /** How strong, 0 to 1: a narrow interval more than a wide one. */
  strength?: number
  /** As of a series: the point in which it begins. */
  start?: number
}

export interface Threshold {
  label: string
  value: number
}

export interface TimeChartProps {
  title: string
  /** "USD", "ms", "homes". */
  unit: string
  /** A sentence on what it shows, for everybody who does not see it. */
  summary: string
  /** Unix milliseconds, ascending. */
  times: readonly number[]
  series: readonly Series[]
  bands?: readonly Band[]
  thresholds?: readonly Threshold[]
  format?: (value: number) => string
  /** How the values at the axis are written, `step` apart; as the others when absent. */
  formatTick?: (value: number, step: number) => string
  /** How a time is written at the axis; days, months and hours as they fit when absent. */
  formatAxis?: (time: number) => string
  /** How a time is written in the legend and the table; the day when absent. */
  formatTime?: (time: number) => string
  height?: number
  /** Charts with the same name share the crosshair. */
  sync?: string
  /** The reader has dragged over a range of time, in Unix milliseconds. */
  onRange?: (from: number, to: number) => void
  /** Beside the title, such as a menu. */
  actions?: ReactNode
  /** Whether zero belongs to the picture, as for counts. */
  fromZero?: boolean
}

const Canvas = lazy(() => import('./TimeChartCanvas'))

export function TimeChart(props: TimeChartProps) {
  const { title, unit, summary, times, series, thresholds = [], format = (value: number) => decimal(value, 0), height = 240, actions } = props
  const now = useNow()
  const formatTime = props.formatTime ?? ((time: number) => day(new Date(time), now))
  const id = useId()
  const [asTable, setAsTable] = useState(false)
  const [index, setIndex] = useState<number | null>(null)
  const time = times.at(index ?? -1)
  return (
    <figure className={styles.chart} aria-labelledby={id}>
      <div className={styles.head}>
        <h3 id={id}>{title} <small>{unit}</small></h3>
        <span className={styles.actions}>
          {actions}
          <Button look="plain" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>{asTable ? 'Show chart' : 'Show table'}</Button>
        </span>
      </div>
      <p className="unseen">{summary}</p>
      {asTable ? <Table {...props} format={format} formatTime={formatTime} /> : (
        <>
          <ul className={styles.legend} aria-hidden="true">
            {series.map((one, at) => {
              const value = index === null ? lastKnown(one.values) : one.values[index]
              return (
                <li key={one.label}>
                  <i className={one.dashed === true ? styles.dashed : one.dotted === true ? styles.dots : undefined} style={{ borderColor: `var(--${one.colour ?? colourAt(at)})` }} />
                  {one.label} <b>{value == null ? '–' : format(value)}</b>
                </li>
              )
            })}
            {thresholds.map((one) => <li key={one.label}><i className={styles.dotted} />{one.label} <b>{format(one.value)}</b></li>)}
            {time !== undefined && <li className={styles.time}>{formatTime(time)}</li>}
          </ul>
          <div className={styles.plot} style={{ height }} aria-hidden="true">
            <Suspense><Canvas {...props} format={format} formatTime={formatTime} height={height} onIndex={setIndex} /></Suspense>
          </div>
        </>
      )}
    </figure>
  )
}

function lastKnown(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null
}

/** The colour of a series that names none. */
export function colourAt(index: number): SeriesColour {
  return (['s1', 's2', 's3', 's4', 's5', 's6'] as const)[index % 6] ?? 's1'
}

function Table({ title, times, series, bands = [], format, formatTime }: TimeChartProps & { format: (value: number) => string; formatTime: (time: number) => string }) {
  const write = (value: number | null | undefined) => (value == null ? '–' : format(value))
  return (
    // The table scrolls and holds nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.table} role="region" aria-label={`${title} as a table`} tabIndex={0}>
      <table>
        <thead><tr><th scope="col">Time</th>{series.map((one) => <th key={one.label} scope="col">{one.label}</th>)}{bands.map((one) => <th key={one.label} scope="col">{one.label}</th>)}</tr></thead>
        <tbody>
          {times.map((time, row) => (
            <tr key={time}>
              <th scope="row">{formatTime(time)}</th>
              {series.map((one) => <td key={one.label}>{write(one.values[row])}</td>)}
              {bands.map((one) => <td key={one.label}>{one.low[row] == null ? '–' : `${write(one.low[row])} to ${write(one.high[row])}`}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
