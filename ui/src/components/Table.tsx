// A small table that is there as a whole, with one heading for each row. For long ones there is `DataGrid`.
import type { ReactNode } from 'react'
import styles from './Table.module.css'

export interface TableColumn<Row> {
  id: string
  /** The heading, with the unit. */
  label: ReactNode
  cell: (row: Row) => ReactNode
  /** Numbers stand at the end. */
  align?: 'start' | 'end'
  /** As wide as its longest value needs it; the others share the rest. */
  fits?: boolean
}

interface Props<Row> {
  label: string
  columns: readonly TableColumn<Row>[]
  rows: readonly Row[]
  rowKey: (row: Row) => string
}

/** The first column names the row. A table that is wider than its place scrolls sideways by itself. */
export function Table<Row>({ label, columns, rows, rowKey }: Props<Row>) {
  return (
    // It may scroll and hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <div className={styles.scroll} role="region" aria-label={label} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>{columns.map((column) => <th key={column.id} scope="col" className={lookOf(column)}>{column.label}</th>)}</tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
              {columns.map((column, at) => (at === 0
                ? <th key={column.id} scope="row" className={lookOf(column)}>{column.cell(row)}</th>
                : <td key={column.id} className={lookOf(column)}>{column.cell(row)}</td>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

function lookOf<Row>({ align, fits }: TableColumn<Row>): string | undefined {
  const looks = [align === 'end' && styles.end, fits === true && styles.fits].filter((look) => look !== false)
  return looks.length === 0 ? undefined : looks.join(' ')
}
