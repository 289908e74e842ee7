// What adds up to a number: signed bars, one for each reason, that sum to the number less its base.
import { signed } from '~/format/numbers'
import styles from './Reasons.module.css'

export interface Reason {
  id: string
  label: string
  amount: number
}

interface Props {
  reasons: readonly Reason[]
  /** What the amounts are added to; shown first when given. */
  base?: number
  baseLabel?: string
  /** What the amounts are counted in, for screen readers and the title. */
  unit?: string
  /** Digits after the point, unless `format` writes the amounts. */
  digits?: number
  format?: (amount: number) => string
  /** Show so many; the smallest are summed up as "n smaller ones". */
  most?: number
  /** Bars start where the one before ended, the base first: how an amount such as a price is made up. */
  cascade?: boolean
  /** How the base is written; as the amounts when absent. */
  formatBase?: (base: number) => string
}

export function Reasons({ reasons, base, baseLabel = 'Base', unit, digits = 0, format, most = 8, cascade = false, formatBase }: Props) {
  const write = format ?? ((amount: number) => signed(amount, digits))
  const shown = fold(reasons, most)
  const bars = cascade ? cascaded(shown, base ?? 0) : aligned(shown)
  return (
    <dl className={`${styles.reasons} ${cascade ? styles.cascade : ''}`}>
      {base !== undefined && (
        <div className={styles.base}>
          <dt>{baseLabel}</dt>
          {cascade && <dd className={styles.track} aria-hidden="true"><span className={styles.plus} style={{ left: 0, width: share(bars.zero) }} /></dd>}
          <dd className={styles.amount} title={unit}>{(formatBase ?? write)(base)}</dd>
        </div>
      )}
      {shown.map(({ id, label, amount }, index) => {
        const [from, to] = bars.spans[index] ?? [0, 0]
        return (
          <div key={id}>
            <dt>{label}</dt>
            <dd className={styles.track} aria-hidden="true">
              <span className={amount < 0 ? styles.minus : styles.plus} style={{ left: share(Math.min(from, to)), width: share(Math.abs(to - from)) }} />
              {!cascade && <i style={{ left: share(bars.zero) }} />}
            </dd>
            <dd className={styles.amount} title={unit}>{write(amount)}</dd>
          </div>
        )
      })}
    </dl>
  )
}

const SMALLER = 'smaller'

interface Bars {
  /** From and to of each bar, as shares of the track. */
  spans: [number, number][]
  /** Where nothing is, or where the base ends. */
  zero: number
}

/** Bars from a common zero that stands where the largest negative one needs it. */
function aligned(reasons: readonly Reason[]): Bars {
  const low = Math.min(0, ...reasons.map(({ amount }) => amount))
  const high = Math.max(0, ...reasons.map(({ amount }) => amount))
  const width = high - low || 1
  const zero = -low / width
  return { zero, spans: reasons.map(({ amount }) => [zero, zero + amount / width]) }
}

// The share of the track that the base takes at the least: it is far longer than the rest, and only its end matters.
const BASE = 0.3

/** Bars one after the other. */
export function cascaded(reasons: readonly Reason[], base: number): Bars {
  const ends: number[] = []
  for (const { amount } of reasons) ends.push((ends.at(-1) ?? base) + amount)
  const low = Math.min(base, ...ends)
  const width = Math.max(base, ...ends) - low || 1
  const at = (value: number) => BASE + ((value - low) / width) * (1 - BASE)
  return { zero: at(base), spans: ends.map((end, index) => [at(ends[index - 1] ?? base), at(end)]) }
}

function share(of: number): string {
  return `${(of * 100).toFixed(2)}%`
}

/** The largest reasons, the rest summed up, so that the sum stays what it is. */
export function fold(reasons: readonly Reason[], most: number): Reason[] {
  // What was summed up before stays last.
  const rank = ({ id, amount }: Reason) => (id === SMALLER ? 0 : Math.abs(amount))
  const sorted = [...reasons].sort((a, b) => rank(b) - rank(a))
  if (sorted.length <= most) return sorted
  const rest = sorted.slice(most - 1)
  const amount = rest.reduce((sum, reason) => sum + reason.amount, 0)
  return [...sorted.slice(0, most - 1), { id: SMALLER, label: `${rest.length} smaller ones`, amount }]
}
