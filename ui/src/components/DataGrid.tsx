// A table of any length that draws only what is in sight, and that the keyboard and screen readers see as whole.
import { useCallback, useEffect, useImperativeHandle, useMemo, useRef, type CSSProperties, type KeyboardEvent, type ReactNode, type Ref, type RefObject } from 'react'
import { useShortcuts, type Shortcut } from '~/keyboard/registry'
import { useHover, useNarrow } from '~/state/media'
import { usePreferences } from '~/state/preferences'
import styles from './DataGrid.module.css'
import { GridRow, type RowEvents } from './GridRow'
import { Icon } from './Icon'
import { useGridRows } from './useGridRows'

export interface Column<Row> {
  id: string
  /** The heading, with the unit. */
  label: string
  cell: (row: Row) => ReactNode
  /** A width for `grid-template-columns`: `88px`, `minmax(120px, 1fr)`. */
  width: string
  /** Numbers stand at the end. */
  align?: 'start' | 'end'
  /** The value of `sort` for ascending order; the column can be sorted when it is there. */
  sort?: string
  /** Drawn only in a row that the pointer or the focus is on, or that is shown beside the grid; in all where nothing hovers. */
  near?: boolean
}

export interface GridHandle {
  /** Moves the focus to a row and shows it. */
  focusRow: (index: number) => void
}

interface Props<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
  /** Best a function that stays the same: rows are measured again when it is another. */
  rowKey: (row: Row) => string
  /** What a screen reader calls the row. */
  rowLabel: (row: Row) => string
  /** Rows in all when the server has more than were loaded; unknown when absent. */
  total?: number
  /** The row that is shown beside the grid. */
  current?: string
  onOpen?: (row: Row) => void
  /** The focus has come to a row: a moment to fetch what opening it needs. */
  onFocusRow?: (row: Row) => void
  selected?: ReadonlySet<string>
  onSelect?: (selected: ReadonlySet<string>) => void
  sort?: string
  onSort?: (sort: string) => void
  /** The end is near: load more. */
  onEnd?: () => void
  /** The whole row on a narrow screen, instead of columns. */
  compact?: (row: Row) => ReactNode
  compactHeight?: number
  /** Least width of all columns; narrower panes scroll sideways. */
  leastWidth?: number
  /** Whether J, K, Enter and X work with the focus elsewhere; for the one main grid of a page. */
  main?: boolean
  /** A name for the scroll position, so that Back restores it. */
  scrollId?: string
  ref?: Ref<GridHandle>
}

const NEAR_END = 20
const HEAD = 34

export function DataGrid<Row>(props: Props<Row>) {
  const { label, columns, rows, rowKey, rowLabel, total, current, selected, onSelect, sort, onSort, onEnd, compact, leastWidth, scrollId, ref } = props
  const scroll = useRef<HTMLDivElement>(null)
  const { height, isCompact } = useRowHeight(props)
  const hovers = useHover()
  // Another function would have all rows measured again.
  const keyOf = useCallback((index: number) => {
    const row = rows[index]
    return row === undefined ? index : rowKey(row)
  }, [rows, rowKey])
  const { virtual, at, setActive, focusRow } = useGridRows({ scroll, count: rows.length, height, keyOf, head: HEAD })
  const { toggle, on } = useRowEvents(props, setActive)
  useImperativeHandle(ref, () => ({ focusRow }), [focusRow])
  useGridShortcuts(props, { scroll, at, focusRow, toggle })

  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onEnd?.()
  }, [last, rows.length, onEnd])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 1)
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }
    const step = steps[event.key]
    const onRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row'
    if (step !== undefined) focusRow(Math.max(0, Math.min(rows.length - 1, step)))
    else if (event.key === 'Enter' && onRow) on.onClick(at, false)
    else if (event.key === ' ' && onRow && onSelect !== undefined) toggle(at, event.shiftKey)
    else return
    event.preventDefault()
  }

  const selectable = selected !== undefined && onSelect !== undefined && !isCompact
  const template = [...(selectable ? ['16px'] : []), ...columns.map((column) => column.width)].join(' ')
  const style = { '--columns': template, '--least': leastWidth === undefined || isCompact ? undefined : `${leastWidth}px` } as CSSProperties
  return (
    <div className={styles.grid} style={style}>
      {/* The rows take the focus, one at a time; the grid hears the keys for all of them. */}
      <div
        ref={scroll} role="grid" tabIndex={-1} aria-label={label} aria-rowcount={(total ?? rows.length) + 1} aria-colcount={columns.length + (selectable ? 1 : 0)}
        aria-multiselectable={selectable ? true : undefined} className={styles.scroll} onKeyDown={onKeyDown} data-scroll-restoration-id={scrollId}
      >
        <div role="rowgroup" hidden={isCompact}>
          <div role="row" aria-rowindex={1} className={styles.head}>
            {selectable && <div role="columnheader"><span className="unseen">Selected</span></div>}
            {columns.map((column) => <Heading key={column.id} column={column} sort={sort} onSort={onSort} />)}
          </div>
        </div>
        <div role="rowgroup" className={styles.space} style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const row = rows[index]
            if (row === undefined) return null
            const id = rowKey(row)
            return (
              <GridRow
                key={key} row={row} index={index} label={rowLabel(row)} columns={columns} compact={isCompact ? compact : undefined} top={start} height={height}
                active={index === at} current={current === id} hovers={hovers} selected={onSelect === undefined ? undefined : selected?.has(id)} on={on}
              />
            )
          })}
        </div>
      </div>
    </div>
  )
}

/** Two lines on a narrow screen, otherwise as dense as the reader likes it. */
function useRowHeight<Row>({ compact, compactHeight = 64 }: Props<Row>): { height: number; isCompact: boolean } {
  const { density } = usePreferences()
  const narrow = useNarrow()
  if (narrow && compact !== undefined) return { height: compactHeight, isCompact: true }
  return { height: density === 'dense' && !narrow ? 32 : 44, isCompact: false }
}

type Toggle = (index: number, through: boolean) => void

/** What clicks and focus on rows do. The handlers stay the same, so that rows need not be drawn again for them. */
function useRowEvents<Row>(props: Props<Row>, setActive: (index: number) => void): { toggle: Toggle; on: RowEvents } {
  const latest = useRef(props)
  latest.current = props
  const anchor = useRef<number | null>(null)
  return useMemo(() => {
    const toggle: Toggle = (index, through) => {
      const { rows, rowKey, selected, onSelect } = latest.current
      if (onSelect === undefined || selected === undefined) return
      onSelect(toggled(selected, rows.map(rowKey), index, through ? anchor.current : null))
      anchor.current = index
    }
    const on: RowEvents = {
      onFocus: (index) => {
        setActive(index)
        const row = latest.current.rows[index]
        if (row !== undefined) latest.current.onFocusRow?.(row)
      },
      onClick: (index, through) => {
        if (through) {
          toggle(index, true)
          return
        }
        setActive(index)
        const row = latest.current.rows[index]
        if (row !== undefined) latest.current.onOpen?.(row)
      },
      onToggle: (index) => toggle(index, false),
    }
    return { toggle, on }
  }, [setActive])
}

/** The selection after one row was toggled, or all rows from the anchor to it were taken in. */
export function toggled(selected: ReadonlySet<string>, keys: readonly string[], index: number, anchor: number | null): ReadonlySet<string> {
  const next = new Set(selected)
  if (anchor !== null) {
    for (const one of keys.slice(Math.min(anchor, index), Math.max(anchor, index) + 1)) next.add(one)
    return next
  }
  const key = keys[index]
  if (key !== undefined && !next.delete(key)) next.add(key)
  return next
}

interface Moves {
  scroll: RefObject<HTMLDivElement | null>
  at: number
  focusRow: (index: number) => void
  toggle: Toggle
}

/** J, K, X and Shift+X for the one main grid of a page, wherever the focus is. */
function useGridShortcuts<Row>({ main = false, label, rows, onSelect }: Props<Row>, { scroll, at, focusRow, toggle }: Moves): void {
  const move = (by: number) => {
    const inside = scroll.current?.contains(document.activeElement) === true
    focusRow(inside ? Math.max(0, Math.min(rows.length - 1, at + by)) : at)
  }
  const moves: Shortcut[] = [
    { keys: 'j', label: 'Next row', group: label, run: () => move(1) },
    { keys: 'k', label: 'Previous row', group: label, run: () => move(-1) },
  ]
  const selects: Shortcut[] = [
    { keys: 'x', label: 'Select or unselect the row', group: label, run: () => toggle(at, false) },
    { keys: 'shift+x', label: 'Select up to the row', group: label, run: () => toggle(at, true) },
  ]
  useShortcuts(main ? [...moves, ...(onSelect === undefined ? [] : selects)] : [])
}

/** A heading; a click sorts by it, another one the other way round. */
function Heading<Row>({ column, sort, onSort }: { column: Column<Row>; sort?: string; onSort?: (sort: string) => void }) {
  const ascending = column.sort !== undefined && sort === column.sort
  const descending = column.sort !== undefined && sort === `-${column.sort}`
  const sorted = ascending ? 'ascending' : descending ? 'descending' : undefined
  return (
    <div role="columnheader" aria-sort={sorted} className={column.align === 'end' ? styles.end : undefined}>
      {column.sort === undefined || onSort === undefined ? column.label : (
        <button type="button" onClick={() => onSort(descending ? (column.sort ?? '') : `-${column.sort}`)}>
          {column.label}
          {sorted !== undefined && <Icon name={ascending ? 'up' : 'down'} size={12} />}
        </button>
      )}
    </div>
  )
}
