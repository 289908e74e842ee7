// A table of any length that draws only what is in sight, and that the keyboard and screen readers see as whole.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { useCallback, useEffect, useImperativeHandle, useRef, useState, type CSSProperties, type KeyboardEvent, type ReactNode, type Ref } from 'react'
import { useShortcuts } from '~/keyboard/registry'
import { useNarrow } from '~/state/media'
import { usePreferences } from '~/state/preferences'
import styles from './DataGrid.module.css'
import { Icon } from './Icon'

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
}

export interface GridHandle {
  /** Moves the focus to a row and shows it. */
  focusRow: (index: number) => void
}

interface Props<Row> {
  label: string
  columns: readonly Column<Row>[]
  rows: readonly Row[]
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
  const { label, columns, rows, rowKey, rowLabel, total, current, onOpen, onFocusRow, selected, onSelect, sort, onSort, onEnd, compact, compactHeight = 64, leastWidth, main = false, scrollId, ref } = props
  const { density } = usePreferences()
  const narrow = useNarrow()
  const isCompact = narrow && compact !== undefined
  const height = isCompact ? compactHeight : density === 'dense' && !narrow ? 32 : 44
  const scroll = useRef<HTMLDivElement>(null)
  const [active, setActive] = useState(0)
  const anchor = useRef<number | null>(null)
  // A focus that was asked for before the row is drawn.
  const wanted = useRef<number | null>(null)
  const at = Math.min(active, Math.max(0, rows.length - 1))

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    getItemKey: (index) => {
      const row = rows[index]
      return row === undefined ? index : rowKey(row)
    },
    overscan: 8,
    scrollMargin: 0,
    scrollPaddingStart: HEAD,
    // The row with the focus stays drawn wherever the list is scrolled, so that the focus is never lost.
    rangeExtractor: useCallback((range: Range) => {
      const indexes = defaultRangeExtractor(range)
      return at < range.count && !indexes.includes(at) ? [...indexes, at].sort((a, b) => a - b) : indexes
    }, [at]),
  })
  useEffect(() => virtual.measure(), [virtual, height])

  const items = virtual.getVirtualItems()
  const last = items.at(-1)?.index ?? 0
  useEffect(() => {
    if (rows.length > 0 && last >= rows.length - NEAR_END) onEnd?.()
  }, [last, rows.length, onEnd])

  const focusRow = useCallback((index: number) => {
    if (index < 0 || index >= rows.length) return
    wanted.current = index
    setActive(index)
    virtual.scrollToIndex(index, { align: 'auto' })
    const drawn = scroll.current?.querySelector<HTMLElement>(`[data-index="${index}"]`)
    if (drawn !== undefined && drawn !== null) {
      wanted.current = null
      drawn.focus({ preventScroll: true })
    }
  }, [rows.length, virtual])
  useImperativeHandle(ref, () => ({ focusRow }), [focusRow])
  useEffect(() => {
    if (wanted.current === null) return
    const drawn = scroll.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`)
    if (drawn === null || drawn === undefined) return
    wanted.current = null
    drawn.focus({ preventScroll: true })
  })

  const toggle = (index: number, through: boolean) => {
    if (onSelect === undefined || selected === undefined) return
    const from = through && anchor.current !== null ? anchor.current : index
    const keys = rows.slice(Math.min(from, index), Math.max(from, index) + 1).map(rowKey)
    const next = new Set(selected)
    const row = rows[index]
    const off = !through && row !== undefined && selected.has(rowKey(row))
    for (const one of keys) {
      if (off) next.delete(one)
      else next.add(one)
    }
    anchor.current = index
    onSelect(next)
  }
  const open = (index: number) => {
    const row = rows[index]
    if (row !== undefined) onOpen?.(row)
  }
  const isInside = () => scroll.current?.contains(document.activeElement) === true
  const move = (by: number) => focusRow(isInside() ? Math.max(0, Math.min(rows.length - 1, at + by)) : at)

  useShortcuts(main ? [
    { keys: 'j', label: 'Next row', group: label, run: () => move(1) },
    { keys: 'k', label: 'Previous row', group: label, run: () => move(-1) },
    ...(onSelect === undefined ? [] : [
      { keys: 'x', label: 'Select or unselect the row', group: label, run: () => toggle(at, false) },
      { keys: 'shift+x', label: 'Select up to the row', group: label, run: () => toggle(at, true) },
    ]),
  ] : [])

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    if (event.altKey || event.ctrlKey || event.metaKey) return
    const page = Math.max(1, Math.floor((scroll.current?.clientHeight ?? 0) / height) - 1)
    const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + page, PageUp: at - page, Home: 0, End: rows.length - 1 }
    const step = steps[event.key]
    const onRow = event.target instanceof HTMLElement && event.target.getAttribute('role') === 'row'
    if (step !== undefined) focusRow(Math.max(0, Math.min(rows.length - 1, step)))
    else if (event.key === 'Enter' && onRow) open(at)
    else if (event.key === ' ' && onRow && onSelect !== undefined) toggle(at, event.shiftKey)
    else return
    event.preventDefault()
  }

  const selectable = selected !== undefined && onSelect !== undefined && !isCompact
  const template = [selectable ? '16px' : null, ...columns.map((column) => column.width)].filter((width) => width !== null).join(' ')
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
            const isSelected = selected?.has(id)
            return (
              // eslint-disable-next-line jsx-a11y/click-events-have-key-events -- the grid hears the keys
              <div
                key={key} role="row" data-index={index} aria-rowindex={index + 2} aria-selected={isSelected} aria-label={rowLabel(row)} tabIndex={index === at ? 0 : -1}
                data-current={current === id} aria-current={current === id ? true : undefined}
                className={`${styles.row} ${isCompact ? styles.compact : ''}`} style={{ height, top: start }}
                onFocus={(event) => { if (event.target === event.currentTarget) { setActive(index); onFocusRow?.(row) } }}
                onClick={(event) => { if (event.shiftKey) toggle(index, true); else { setActive(index); onOpen?.(row) } }}
              >
                {isCompact ? <div role="gridcell" className={styles.cell}>{compact(row)}</div> : (
                  <>
                    {selectable && (
                      <div role="gridcell" className={styles.tick}>
                        <input type="checkbox" tabIndex={-1} aria-label={`Select ${rowLabel(row)}`} checked={isSelected === true} onClick={(event) => event.stopPropagation()} onChange={() => toggle(index, false)} />
                      </div>
                    )}
                    {columns.map((column) => (
                      <div key={column.id} role="gridcell" className={`${styles.cell} ${column.align === 'end' ? styles.end : ''}`}>{column.cell(row)}</div>
                    ))}
                  </>
                )}
              </div>
            )
          })}
        </div>
      </div>
    </div>
  )
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
