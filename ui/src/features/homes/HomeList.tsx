// The homes of the viewport as a list: the same as on the map, for everybody.
import { useInfiniteQuery, keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { Button, buttonClass } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { count, plural } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import type { usePresence } from '~/state/presence'
import { Sort } from './Filters'
import { HomeRow } from './HomeRow'
import styles from './List.module.css'
import { homeQuery, homesQuery, type Home } from './queries'
import { MOST_COMPARED, type HomesUrl } from './url'

const NoneInView = lazy(() => import('./NoneInView'))

interface Props {
  market: string
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
  hovered: string | null
  onHover: (id: string | null) => void
  onEverywhere: () => void
  heading: RefObject<HTMLHeadingElement | null>
  /** Lines between the head and the homes. */
  notes?: ReactNode
  /** Hears whether somebody is at the list. */
  watch: ReturnType<typeof usePresence>['watch']
}

export function HomeList({ market, search, onChange, hovered, onHover, onEverywhere, heading, notes, watch }: Props) {
  const query = useInfiniteQuery({ ...homesQuery(market, search), placeholderData: keepPreviousData })
  const rows = query.data?.pages.flatMap((page) => page.items) ?? []
  const total = query.data?.pages[0]?.total
  const picked = search.ids ?? []
  const pick = (id: string) => onChange({ ids: picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id].slice(0, MOST_COMPARED) })
  const pane = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState<string | null>(null)
  const currentId = rows.some(({ id }) => id === current) ? current : rows[0]?.id
  useRowKeys(pane, rows, pick, (id) => onChange({ sel: id }), setCurrent)
  useScrollTo(pane, search.sel)

  const row = (home: Home) => (
    <HomeRow
      key={home.id} home={home} current={home.id === currentId} selected={home.id === search.sel} hovered={home.id === hovered}
      picked={picked.includes(home.id)} full={picked.length >= MOST_COMPARED} onHover={onHover} onSelect={(id) => onChange({ sel: id })} onPick={pick}
    />
  )
  return (
    <section {...watch} className={styles.list} aria-label="List of homes">
      <div className={styles.head}>
        <h2 ref={heading} tabIndex={-1} aria-live="polite">{total === undefined ? 'Homes' : plural(total, 'home')}</h2>
        <Sort search={search} onChange={onChange} />
      </div>
      {picked.length > 0 && <Tray picked={picked} onClear={() => onChange({ ids: undefined })} />}
      {notes}
      <div ref={pane} className={styles.scroll} data-scroll-restoration-id="homes">
        <Pinned id={search.sel} rows={rows} loaded={query.data !== undefined} show={row} />
        {query.isError && rows.length === 0 ? <ErrorState error={query.error} what="The homes" onRetry={() => void query.refetch()} />
          : query.isPending ? <Skeleton rows={12} label="Loading homes" />
          : rows.length === 0 ? <Suspense><NoneInView market={market} search={search} onChange={onChange} onEverywhere={onEverywhere} /></Suspense>
          : <ol aria-label="Homes">{rows.map(row)}</ol>}
        {rows.length > 0 && (
          <div className={styles.more}>
            {query.hasNextPage && <Button onClick={() => void query.fetchNextPage()} disabled={query.isFetchingNextPage}>Show 50 more</Button>}
            <span>{count(rows.length)} of {count(total ?? rows.length)} shown</span>
          </div>
        )}
      </div>
    </section>
  )
}

/** The selected home when it is further down than what was loaded, or not in the list. */
function Pinned({ id, rows, loaded, show }: { id: string | undefined; rows: readonly Home[]; loaded: boolean; show: (home: Home) => ReactNode }) {
  const away = id !== undefined && loaded && !rows.some((home) => home.id === id)
  const { data } = useQuery({ ...homeQuery(id ?? ''), enabled: away })
  if (!away || data === undefined) return null
  return <div className={styles.pinned}><h3>Selected on the map</h3><ol aria-label="Selected home">{show(data)}</ol></div>
}

function Tray({ picked, onClear }: { picked: readonly string[]; onClear: () => void }) {
  return (
    <div className={styles.tray} role="status">
      <span>{picked.length} of {MOST_COMPARED} chosen</span>
      {picked.length > 1 ? <Link to="/compare" search={{ ids: [...picked] }} className={buttonClass('primary')}>Compare them</Link> : <span>Choose one more</span>}
      <Button onClick={onClear}>Clear</Button>
    </div>
  )
}

/** J and K go through the homes, M shows the one in focus on the map, X takes it to the comparison. */
function useRowKeys(pane: RefObject<HTMLElement | null>, rows: readonly Home[], pick: (id: string) => void, select: (id: string) => void, setCurrent: (id: string) => void): void {
  const focused = () => document.activeElement?.closest<HTMLElement>('[data-home]')?.dataset.home
  const go = (step: number) => {
    const at = rows.findIndex(({ id }) => id === focused())
    const next = rows[Math.max(0, Math.min(rows.length - 1, at + step))]
    if (next === undefined) return
    setCurrent(next.id)
    pane.current?.querySelector<HTMLElement>(`ol[aria-label='Homes'] [data-home='${next.id}'] a`)?.focus()
  }
  const withFocused = (run: (id: string) => void) => () => {
    const id = focused()
    if (id !== undefined) run(id)
  }
  useShortcuts([
    { keys: 'j', label: 'Next home', group: 'Homes', run: () => go(1) },
    { keys: 'k', label: 'Previous home', group: 'Homes', run: () => go(-1) },
    { keys: 'm', label: 'Show the home on the map', group: 'Homes', run: withFocused(select) },
    { keys: 'x', label: 'Choose the home for comparison', group: 'Homes', run: withFocused(pick) },
  ])
}

/** Brings the home that was selected on the map into sight. */
function useScrollTo(pane: RefObject<HTMLElement | null>, id: string | undefined): void {
  useEffect(() => {
    if (id === undefined) return
    const row = pane.current?.querySelector(`[data-home='${id}']`)
    if (row?.contains(document.activeElement) !== true) row?.scrollIntoView({ block: 'nearest' })
  }, [pane, id])
}
