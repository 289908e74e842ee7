// One row of a grid; drawn again only when something of it has changed.
import { memo, useState, type ReactNode } from 'react'
import type { Column } from './DataGrid'
import styles from './DataGrid.module.css'

/** What a row reports; the same object as long as the grid is there. */
export interface RowEvents {
  onFocus: (index: number) => void
  onClick: (index: number, through: boolean) => void
  onToggle: (index: number) => void
}

interface Props<Row> {
  row: Row
  index: number
  label: string
  columns: readonly Column<Row>[]
  /** The whole row on a narrow screen. */
  compact?: (row: Row) => ReactNode
  top: number
  height: number
  /** The one row in the order of Tab. */
  active: boolean
  current: boolean
  /** Whether a pointer can rest on the row. */
  hovers: boolean
  /** Absent where rows cannot be selected. */
  selected?: boolean
  on: RowEvents
}

function Row<Row>({ row, index, label, columns, compact, top, height, active, current, hovers, selected, on }: Props<Row>) {
  const [pointed, setPointed] = useState(false)
  const near = active || current || pointed || !hovers
  return (
    // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid hears the keys
    <div
      role="row" data-index={index} aria-rowindex={index + 2} aria-selected={selected} aria-label={label} tabIndex={active ? 0 : -1}
      data-current={current} aria-current={current ? true : undefined}
      className={`${styles.row} ${compact === undefined ? '' : styles.compact}`} style={{ height, top }}
      onFocus={(event) => { if (event.target === event.currentTarget) on.onFocus(index) }}
      onClick={(event) => on.onClick(index, event.shiftKey)}
      onPointerEnter={() => setPointed(true)} onPointerLeave={() => setPointed(false)}
    >
      {compact !== undefined ? <div role="gridcell" className={styles.cell}>{compact(row)}</div> : (
        <>
          {selected !== undefined && (
            <div role="gridcell" className={styles.tick}>
              <input type="checkbox" tabIndex={-1} aria-label={`Select ${label}`} checked={selected} onClick={(event) => event.stopPropagation()} onChange={() => on.onToggle(index)} />
            </div>
          )}
          {columns.map((column) => (
            <div key={column.id} role="gridcell" className={`${styles.cell} ${column.align === 'end' ? styles.end : ''}`}>{(near || column.near !== true) && column.cell(row)}</div>
          ))}
        </>
      )}
    </div>
  )
}

export const GridRow = memo(Row) as typeof Row
