// What sizes, colours and words of the bubbles mean. It is always in sight.
import styles from './Bubbles.module.css'
import { LEAST } from './areas'
import type { Shade } from './colours'
import type { Scale } from './drawn'
import { metricOf, notes, writeShort, type MetricId } from './metrics'
import { marks, radiusOf } from './scale'
import type { Bound } from './url'

interface Props {
  bound: Bound
  scale: Scale
  none: Shade
  currency: string
}

export function Legend({ bound: { size, color, metric }, scale, none, currency }: Props) {
  const short = (amount: number) => writeShort(color, amount, currency)
  return (
    <section className={styles.legend} aria-label="Legend">
      <Sizes id={size} most={scale.most} currency={currency} />
      <div className={styles.key}>
        <h3>Colour: {metricOf(color).label}</h3>
        <ul className={styles.shades}>
          {scale.shades.map(({ fill }, at) => <li key={at}><i style={{ background: fill }} />{range(scale.breaks[at - 1], scale.breaks[at], short)}</li>)}
          {metricOf(color).asked !== 'count' && <li><i style={{ background: none.fill }} data-none="true" />fewer than {LEAST} homes, or not known</li>}
        </ul>
      </div>
      {metric !== color && <p><b>Written:</b> {metricOf(metric).label}</p>}
      {[...new Set([size, color, metric])].map((id) => notes[id] !== undefined && <p key={id} className={styles.quiet}><b>{metricOf(id).label}.</b> {notes[id]}</p>)}
    </section>
  )
}

function Sizes({ id, most, currency }: { id: MetricId; most: number; currency: string }) {
  const circles = marks(most, metricOf(id).unit === 'homes' ? 1 : 0).map((mark) => ({ mark, radius: radiusOf(mark, most) }))
  return (
    <div className={styles.key}>
      <h3>Size: {metricOf(id).label}</h3>
      {circles.length === 0 ? <p className={styles.quiet}>Nothing in view.</p> : (
        <ul className={styles.sizes}>
          {circles.map(({ mark, radius }) => (
            <li key={mark}>
              <svg width={2 * radius + 2} height={2 * radius + 2} aria-hidden="true"><circle cx={radius + 1} cy={radius + 1} r={radius} /></svg>
              {metricOf(id).unit === 'change' && '±'}{writeShort(id, mark, currency).replace('+', '')}
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}

/** `up to $400K`, `$400K to $520K`, `from $520K` */
function range(from: number | undefined, to: number | undefined, short: (amount: number) => string): string {
  if (from === undefined) return to === undefined ? 'all' : `below ${short(to)}`
  return to === undefined ? `${short(from)} and more` : `${short(from)} to ${short(to)}`
}
