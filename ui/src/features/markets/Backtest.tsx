// What the forecast is worth: the same forecast made at earlier periods, beside saying the last value again.
import type { Schema } from '~/api/client'
import { count, decimal, percent, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import type { Writing } from './course'
import styles from './Markets.module.css'

export function Backtest({ forecast, write }: { forecast: Schema<'ForecastOut'>; write: Writing }) {
  const end = forecast.points.at(-1)
  return (
    <>
      <section className={styles.part}>
        <h2>Forecast</h2>
        {end === undefined ? <p>There is no forecast: {forecast.refused?.reason ?? 'too little is known'}.</p> : (
          <>
            <p className={styles.said}>{write.long(end.mean)}</p>
            <p>In {plural(forecast.points.length, 'period')}; four in five times between {write.long(end.lower80)} and {write.long(end.upper80)}.</p>
            <p className={styles.note}>
              Made by {forecast.method == null ? 'the model' : sentence(forecast.method).toLowerCase()}, {forecast.pooled === 1 ? 'from this series alone' : `from this series together with ${plural(forecast.pooled - 1, 'other market')}`}.
            </p>
          </>
        )}
      </section>
      <Worth of={forecast.backtest} />
    </>
  )
}

function Worth({ of: { origins, values, mase, naive_mase: naive, coverage80 } }: { of: Schema<'BacktestOut'> }) {
  if (mase == null || naive == null) {
    return <section className={styles.part}><h2>Tested on the past</h2><p>Too few periods are known to repeat the forecast at earlier ones.</p></section>
  }
  const widest = Math.max(mase, naive, Number.MIN_VALUE)
  const less = naive === 0 ? null : 1 - mase / naive
  const rows = [['This forecast', mase, undefined], ['Last value again', naive, styles.naive]] as const
  return (
    <section className={styles.part}>
      <h2>Tested on the past</h2>
      <p>{verdict(less)} {plural(origins, 'earlier forecast')}, {count(values)} values compared.</p>
      <dl className={styles.pair}>
        {rows.map(([label, value, look]) => (
          <div key={label} className={look}>
            <dt>{label}</dt>
            <dd className={styles.track} aria-hidden="true"><span style={{ width: `${(value / widest) * 100}%` }} /></dd>
            <dd title="Mean absolute scaled error">{decimal(value, 2)}</dd>
          </div>
        ))}
      </dl>
      <p className={styles.note}>Mean error over the mean change of one year (MASE); less is better.</p>
      {coverage80 != null && <p>{percent(coverage80)} of the values fell into their 80% interval.</p>}
    </section>
  )
}

/** Whether the forecast was better than naive, in words. */
export function verdict(less: number | null): string {
  if (less === null) return 'Nothing changed in the past, so there was nothing to foresee.'
  if (Math.abs(less) < 0.005) return 'As wrong as saying the last value again.'
  return less > 0 ? `${percent(less)} less wrong than saying the last value again.` : `${percent(-less)} more wrong than saying the last value again: use it with care.`
}
