// What a home is worth, how sure that is, and what makes the value up; or why there is no estimate.
import { Interval } from '~/components/Interval'
import { Reasons } from '~/components/Reasons'
import { EmptyState } from '~/components/states'
import { Time } from '~/components/Time'
import { day } from '~/format/time'
import { useNow } from '~/state/now'
import { count, money, moneyRange, moneySigned, percent } from '~/format/numbers'
import { priceOf } from '~/features/homes/words'
import type { Home } from '~/features/homes/home'
import styles from './Home.module.css'
import type { Estimate } from './queries'
import { featureWords } from './words'

// Above this share of the value the interval of 80 % is called wide.
const WIDE = 0.5

const whole = (amount: number) => money(Math.round(amount))
const range = (low: number, high: number) => moneyRange(Math.round(low), Math.round(high))

export function EstimatePanel({ home, estimate: answer }: { home: Home; estimate: Estimate }) {
  const now = useNow()
  const { estimate, refused, model, as_of: asOf } = answer
  if (estimate === null) {
    return <EmptyState title="No estimate for this home">{refused?.reason ?? 'The model has none.'}</EmptyState>
  }
  const [low = estimate.value, high = estimate.value] = estimate.interval80
  const [least = low, most = high] = estimate.interval95
  const price = priceOf(home)
  const isWide = (high - low) / estimate.value > WIDE
  return (
    <section aria-labelledby="value">
      <p className={styles.quiet}>Estimated value, <time dateTime={asOf}>{day(new Date(`${asOf}T12:00:00`), now)}</time></p>
      <h2 id="value" className={styles.hero}><span className="unseen">Estimated value </span>{whole(estimate.value)}</h2>
      <p className={styles.lead}>
        80 of 100 such homes sell between <b>{whole(low)}</b> and <b>{whole(high)}</b>; 95 of 100 from {range(least, most)}.
        {isWide && <> <b>The interval is wide</b>: few sales like it are known.</>}
        {model !== null && <> Median error on sales that the model had not seen: {percent(model.median_ape, 1)}.</>}
      </p>
      <Interval
        label="Estimated value" value={Math.round(estimate.value)} inner={[low, high]} outer={[least, most]} range={range}
        marks={price === null ? [] : [{ label: home.status === 'closed' ? 'Sold' : 'List', value: price }]}
      >
        <span className={styles.quiet}>Strong: 80 of 100 cases; pale: 95 of 100.{price !== null && ` ${gap(price, estimate.value, home)}`}</span>
      </Interval>
      {model !== null && (
        <p className={styles.small}>Model {model.version}, learned from {count(model.n)} sales, <Time at={model.trained_at} style="exact" />.</p>
      )}
    </section>
  )
}

function gap(price: number, value: number, { status }: Home): string {
  const share = (price - value) / value
  const what = status === 'closed' ? 'It sold' : 'It asks'
  return Math.abs(share) < 0.005 ? `${what} what it is estimated at.` : `${what} ${percent(Math.abs(share), 1)} ${share > 0 ? 'more' : 'less'} than estimated.`
}

/** Base and amounts, which add up to the value. */
export function Contributions({ home, estimate: { base, contributions, estimate } }: { home: Home; estimate: Estimate }) {
  if (base == null || estimate === null || contributions.length === 0) return null
  return (
    <section className={styles.part} aria-labelledby="moves">
      <h2 id="moves">What moves this estimate</h2>
      <Reasons
        cascade base={base} baseLabel="A typical home of the market" most={10} unit={estimate.currency} format={(amount) => moneySigned(Math.round(amount))} formatBase={whole}
        reasons={contributions.map(({ feature, amount }) => ({ id: feature, label: featureWords(feature, home), amount }))}
      />
      <p className={styles.sum}><span>Together</span><b>{whole(estimate.value)}</b></p>
    </section>
  )
}
