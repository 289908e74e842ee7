// Which rows of a grid are drawn, and which has the focus.
import { defaultRangeExtractor, useVirtualizer, type Range } from '@tanstack/react-virtual'
import { useCallback, useEffect, useRef, useState, type RefObject } from 'react'

/** Rows drawn above and below those in sight: more than a turn of the wheel, as few as may be, since a jump draws them all anew. */
const OVERSCAN = 4

interface Options {
  scroll: RefObject<HTMLDivElement | null>
  count: number
  height: number
  keyOf: (index: number) => string | number
  /** Height of what sticks to the top. */
  head: number
}

export function useGridRows({ scroll, count, height, keyOf, head }: Options) {
  const [active, setActive] = useState(0)
  // A focus that was asked for before its row is drawn.
  const wanted = useRef<number | null>(null)
  const at = Math.min(active, Math.max(0, count - 1))
  const virtual = useVirtualizer({
    count,
    getScrollElement: () => scroll.current,
    estimateSize: () => height,
    getItemKey: keyOf,
    overscan: OVERSCAN,
    scrollPaddingStart: head,
    // The row with the focus stays drawn wherever the list is scrolled, so that the focus is never lost.
    rangeExtractor: useCallback((range: Range) => {
      const indexes = defaultRangeExtractor(range)
      return at < range.count && !indexes.includes(at) ? [...indexes, at].sort((a, b) => a - b) : indexes
    }, [at]),
  })
  useEffect(() => {
    virtual.measure()
  }, [virtual, height])

  const giveFocus = useCallback(() => {
    if (wanted.current === null) return
    const row = scroll.current?.querySelector<HTMLElement>(`[data-index="${wanted.current}"]`)
    if (row === null || row === undefined) return
    wanted.current = null
    row.focus({ preventScroll: true })
  }, [scroll])
  useEffect(giveFocus)

  const focusRow = useCallback((index: number) => {
    if (index < 0 || index >= count) return
    wanted.current = index
    setActive(index)
    virtual.scrollToIndex(index, { align: 'auto' })
    giveFocus()
  }, [count, virtual, giveFocus])

  return { virtual, at, setActive, focusRow }
}
