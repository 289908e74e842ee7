// The same as on the map, as a table that can be put in order.
import { useMemo } from 'react'
import { DataGrid, type Column } from '~/components/DataGrid'
import { count, plural } from '~/format/numbers'
import { isOfHomes, valueWords } from './AreaPanel'
import { homesOf, type Area } from './areas'
import styles from './Bubbles.module.css'
import { metricOf, type MetricId } from './metrics'

interface Props {
  areas: readonly Area[]
  ids: readonly MetricId[]
  /** Where an area is. */
  title: (area: Area) => string
  currency: string
  sort: string
  current: string | undefined
  onSort: (sort: string) => void
  onOpen: (id: string) => void
}

export function AreaTable({ areas, ids, title, currency, sort, current, onSort, onOpen }: Props) {
  const rows = useMemo(() => sorted(areas, sort), [areas, sort])
  const columns: Column<Area>[] = [
    { id: 'where', label: 'Area', width: 'minmax(190px, 1.4fr)', cell: (area) => <b>{title(area)}</b> },
    ...ids.map((id): Column<Area> => ({
      id, label: metricOf(id).label, width: 'minmax(130px, 1fr)', align: 'end', sort: id,
      cell: (area) => <>{valueWords(area, id, currency)}{isOfHomes(area, id) && <span className={styles.quiet}> of {count(homesOf(area, id))}</span>}</>,
    })),
  ]
  return (
    <DataGrid
      main label="Areas" columns={columns} rows={rows} rowKey={keyOf} leastWidth={220 + 150 * ids.length} scrollId="areas" current={current} sort={sort} onSort={onSort}
      rowLabel={(area) => `${title(area)}, ${ids.map((id) => `${metricOf(id).label} ${valueWords(area, id, currency)}`).join(', ')}`}
      onOpen={({ id }) => onOpen(id)}
      compactHeight={84}
      compact={(area) => (
        <div className={styles.compact}>
          <b>{title(area)}</b>
          {ids.map((id) => <span key={id}>{metricOf(id).label} <b>{valueWords(area, id, currency)}</b>{isOfHomes(area, id) && ` of ${plural(homesOf(area, id), 'home')}`}</span>)}
        </div>
      )}
    />
  )
}

const keyOf = ({ id }: Area) => id

/** By a metric, with a leading - from the largest down; what is not known stands last either way. */
export function sorted(areas: readonly Area[], sort: string): Area[] {
  const falls = sort.startsWith('-')
  const id = (falls ? sort.slice(1) : sort) as MetricId
  return [...areas].sort((a, b) => {
    const [one, other] = [a.values[id], b.values[id]]
    if (one === undefined || other === undefined) return Number(one === undefined) - Number(other === undefined)
    return (falls ? other - one : one - other) || a.id.localeCompare(b.id)
  })
}
