// What sizes, colours and words of the bubbles are bound to, and of which market.
import type { ReactNode } from 'react'
import { MarketChoice } from '~/features/homes/MarketChoice'
import styles from './Bubbles.module.css'
import { metricIds, metricOf, type MetricId } from './metrics'
import { boundOf, type BubblesUrl } from './url'

interface Props {
  market: string
  search: BubblesUrl
  onChange: (change: Partial<BubblesUrl>) => void
  children: ReactNode
}

export function Binds({ market, search, onChange, children }: Props) {
  const { size, color, metric } = boundOf(search)
  return (
    <div className={styles.bar}>
      <MarketChoice market={market} onChange={(next) => onChange({ market: next, bbox: undefined, z: undefined, area: undefined })} />
      <Bind label="Size" value={size} onChange={(id) => onChange({ size: id })} />
      <Bind label="Colour" value={color} onChange={(id) => onChange({ color: id })} />
      <Bind label="Written" value={metric} onChange={(id) => onChange({ metric: id })} />
      <span className={styles.end}>{children}</span>
    </div>
  )
}

function Bind({ label, value, onChange }: { label: string; value: MetricId; onChange: (id: MetricId) => void }) {
  return (
    <label>
      {label}
      <select className={styles.select} value={value} onChange={(event) => onChange(event.target.value as MetricId)}>
        {metricIds.map((id) => <option key={id} value={id}>{metricOf(id).label}</option>)}
      </select>
    </label>
  )
}
