// An estimate with its interval, drawn on one line and said in words.
import type { ReactNode } from 'react'
import { moneyRange, moneyShort } from '~/format/numbers'
import styles from './Interval.module.css'

export interface Mark {
  label: string
  value: number
}

interface Props {
  value: number
  /** The interval that is said; drawn dark inside the outer one. */
  inner: readonly [number, number]
  /** A wider interval around it. */
  outer?: readonly [number, number]
  /** Other values on the line, such as the list price. */
  marks?: readonly Mark[]
  /** What the line shows, for screen readers: "Estimated value". */
  label: string
  format?: (value: number) => string
  range?: (low: number, high: number) => string
  /** Words below, such as the n behind it. */
  children?: ReactNode
}

const MARGIN = 0.12
// Labels closer than this share of the line would stand on each other; the further one goes to the other side.
const CLOSE = 0.14

export function Interval({ value, inner, outer = inner, marks = [], label, format = moneyShort, range = moneyRange, children }: Props) {
  const all = [value, ...inner, ...outer, ...marks.map((mark) => mark.value)]
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const width = high - low || Math.abs(value) || 1
  const from = low - width * MARGIN
  const at = (x: number) => (x - from) / (width * (1 + 2 * MARGIN))
  const place = (x: number) => ({ left: `${at(x) * 100}%` })
  const band = ([a, b]: readonly [number, number]) => ({ left: `${at(a) * 100}%`, width: `${(at(b) - at(a)) * 100}%` })
  const spoken = `${label}: ${format(value)}, interval ${range(...inner)}${marks.map((mark) => `, ${mark.label} ${format(mark.value)}`).join('')}`
  return (
    <figure className={styles.interval}>
      <div className={styles.line} role="img" aria-label={spoken}>
        <span className={styles.outer} style={band(outer)} />
        <span className={styles.inner} style={band(inner)} />
        <span className={styles.value} style={place(value)}><b>{format(value)}</b></span>
        {marks.map((mark) => (
          <span key={mark.label} className={`${styles.mark} ${Math.abs(at(mark.value) - at(value)) < CLOSE ? styles.raised : ''}`} style={place(mark.value)}>
            <b>{mark.label} {format(mark.value)}</b>
          </span>
        ))}
        <span className={styles.end} style={place(inner[0])}>{format(inner[0])}</span>
        <span className={styles.end} style={place(inner[1])}>{format(inner[1])}</span>
      </div>
      {children !== undefined && <figcaption className={styles.caption}>{children}</figcaption>}
    </figure>
  )
}
