// How many homes at which price, under the price filter; a click takes the prices of one bar.
import type { Schema } from '~/api/client'
import { moneyShort, plural } from '~/format/numbers'
import styles from './Filters.module.css'
import type { Span } from './url'

interface Props {
  buckets: readonly Schema<'FacetOut'>[] | null
  chosen: Span | undefined
  onChoose: (span: Span) => void
}

const [WIDTH, HEIGHT] = [300, 72]

export function Histogram({ buckets, chosen, onChoose }: Props) {
  const bars = (buckets ?? []).map(({ value, to, count }) => ({ from: Number(value), to: Number(to ?? value), count }))
  const [first, last] = [bars[0], bars.at(-1)]
  if (first === undefined || last === undefined || bars.length < 2) return null
  const highest = Math.max(...bars.map(({ count }) => count))
  const step = WIDTH / bars.length
  const isIn = (from: number, to: number) => (chosen?.min ?? 0) < to && (chosen?.max ?? Infinity) >= from
  const fullest = bars.reduce((best, one) => (one.count > best.count ? one : best))
  const spoken = `Homes by price, most between ${moneyShort(fullest.from)} and ${moneyShort(fullest.to)} (${plural(fullest.count, 'home')})`
  return (
    <>
      {/* The fields below do the same by keyboard. */}
      <svg className={styles.histogram} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={spoken} onClick={(event) => {
        const { left, width } = event.currentTarget.getBoundingClientRect()
        const bar = bars[Math.floor(((event.clientX - left) / width) * bars.length)]
        if (bar !== undefined) onChoose({ min: bar.from, max: Math.floor(bar.to) })
      }}>
        {bars.map(({ from, to, count }, index) => {
          const height = Math.max(1, (count / highest) * HEIGHT)
          return <rect key={from} x={index * step + 0.5} y={HEIGHT - height} width={step - 1} height={height} data-in={isIn(from, to)} />
        })}
      </svg>
      <div className={styles.ends} aria-hidden="true"><span>{moneyShort(first.from)}</span><span>{moneyShort(last.to)}</span></div>
    </>
  )
}
