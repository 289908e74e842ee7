// A small line without axes: the course of a number beside it. Gaps stay gaps.
import styles from './Sparkline.module.css'

interface Props {
  /** In time order; null where nothing is known. */
  values: readonly (number | null)[]
  /** A sentence on the course, for screen readers: "Median price, up 4% over 12 months". */
  label: string
  width?: number
  height?: number
}

export function Sparkline({ values, label, width = 96, height = 24 }: Props) {
  const known = values.filter((value) => value !== null)
  if (known.length === 0) return null
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const inset = 3
  const x = (index: number) => inset + (index / Math.max(1, values.length - 1)) * (width - 2 * inset)
  const y = (value: number) => (high === low ? height / 2 : inset + ((high - value) / (high - low)) * (height - 2 * inset))
  const last = values.findLastIndex((value) => value !== null)
  return (
    <svg className={styles.spark} width={width} height={height} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path d={path(values, x, y)} />
      <circle cx={x(last)} cy={y(values[last] ?? low)} r="2.5" />
    </svg>
  )
}

/** The line; after a gap it starts anew. */
export function path(values: readonly (number | null)[], x: (index: number) => number, y: (value: number) => number): string {
  let pen = 'M'
  return values
    .map((value, index) => {
      if (value === null) {
        pen = 'M'
        return ''
      }
      const step = `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
      pen = 'L'
      return step
    })
    .join('')
}
