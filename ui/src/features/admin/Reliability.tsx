// The reliability curve: of those told 30%, did it happen to 30%?
import { Table } from '~/components/Table'
import { count, percent } from '~/format/numbers'
import styles from './Admin.module.css'
import type { Bin } from './measured'

const SIZE = 320
const LEFT = 40
const FOOT = 28
const TICKS = [0, 0.25, 0.5, 0.75, 1]

export function Reliability({ bins }: { bins: readonly Bin[] }) {
  if (bins.length === 0) return null
  const x = (share: number) => LEFT + share * (SIZE - LEFT - 10)
  const y = (share: number) => SIZE - FOOT - share * (SIZE - FOOT - 10)
  const most = Math.max(...bins.map(({ n }) => n))
  const course = bins.map(({ predicted, observed }, at) => `${at === 0 ? 'M' : 'L'}${x(predicted).toFixed(1)} ${y(observed).toFixed(1)}`).join('')
  return (
    <section className={styles.part}>
      <h3>What was told against what happened</h3>
      <svg className={styles.curve} viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={`Reliability curve of ${bins.length} groups; the table below has its values.`}>
        {TICKS.map((tick) => (
          <g key={tick}>
            <path className={styles.axis} d={`M${x(0)} ${y(tick)}H${x(1)}`} />
            <text x={LEFT - 6} y={y(tick) + 4} textAnchor="end">{percent(tick)}</text>
            <text x={x(tick)} y={SIZE - 10} textAnchor={tick === 1 ? 'end' : 'middle'}>{percent(tick)}</text>
          </g>
        ))}
        <path className={styles.even} d={`M${x(0)} ${y(0)}L${x(1)} ${y(1)}`} />
        <path className={styles.course} d={course} />
        {bins.map(({ n, predicted, observed }) => <circle key={predicted} cx={x(predicted)} cy={y(observed)} r={2.5 + 6 * Math.sqrt(n / most)} />)}
      </svg>
      <p className={styles.quiet}>Across what was told, upwards what happened; larger dots are more leads. On the dashed line the model is right.</p>
      <details>
        <summary>Show the table</summary>
        <Table
          label="Reliability" rows={bins} rowKey={(bin) => String(bin.predicted)}
          columns={[
            { id: 'told', label: 'Told', align: 'end', cell: (bin) => percent(bin.predicted, 1) },
            { id: 'happened', label: 'Happened', align: 'end', cell: (bin) => percent(bin.observed, 1) },
            { id: 'n', label: 'Leads', align: 'end', cell: (bin) => count(bin.n) },
          ]}
        />
      </details>
    </section>
  )
}
