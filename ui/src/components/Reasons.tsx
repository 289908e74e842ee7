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
}

export function Reasons({ reasons, base, baseLabel = 'Base', unit, digits = 0, format, most = 8 }: Props) {
  const write = format ?? ((amount: number) => signed(amount, digits))
  const shown = fold(reasons, most)
  const widest = Math.max(...shown.map(({ amount }) => Math.abs(amount)), Number.MIN_VALUE)
  // Bars start at a common zero that stands where the largest negative one needs it.
  const least = Math.max(0, ...shown.map(({ amount }) => -amount))
  const most2 = Math.max(0, ...shown.map(({ amount }) => amount))
  const zero = least / (least + most2 || widest)
  return (
    <dl className={styles.reasons}>
      {base !== undefined && <div className={styles.base}><dt>{baseLabel}</dt><dd className={styles.amount} title={unit}>{format?.(base) ?? signed(base, digits)}</dd></div>}
      {shown.map(({ id, label, amount }) => {
        const width = Math.abs(amount) / (least + most2 || widest)
        const left = amount < 0 ? zero - width : zero
        return (
          <div key={id}>
            <dt>{label}</dt>
            <dd className={styles.track} aria-hidden="true">
              <span className={amount < 0 ? styles.minus : styles.plus} style={{ left: `${left * 100}%`, width: `${width * 100}%` }} />
              <i style={{ left: `${zero * 100}%` }} />
            </dd>
            <dd className={styles.amount} title={unit}>{write(amount)}</dd>
          </div>
        )
      })}
    </dl>
  )
}

/** The largest reasons, the rest summed up, so that the sum stays what it is. */
export function fold(reasons: readonly Reason[], most: number): Reason[] {
  const sorted = [...reasons].sort((a, b) => Math.abs(b.amount) - Math.abs(a.amount))
  if (sorted.length <= most) return sorted
  const rest = sorted.slice(most - 1)
  const amount = rest.reduce((sum, reason) => sum + reason.amount, 0)
  return [...sorted.slice(0, most - 1), { id: 'smaller', label: `${rest.length} smaller ones`, amount }]
}
