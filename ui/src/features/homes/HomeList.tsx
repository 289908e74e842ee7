// Homes as a list: the same as on the map, for everybody.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { Button, buttonClass } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { count } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import type { usePresence } from '~/state/presence'
import { HomeRow } from './HomeRow'
import styles from './List.module.css'
import { markIn, type Mark, type Marking, type Marks } from './marks'
import { homeQuery, type Home } from './home'
import { MOST_COMPARED, type HomesUrl } from './url'
import { lineOf } from './words'

interface Props {
  search: HomesUrl
  onChange: (change: Partial<HomesUrl>) => void
  homes: readonly Home[]
  /** How many there are in all; absent as long as it is not known. */
  total: number | undefined
  /** Its heading, where it has none elsewhere. */
  title?: ReactNode
  /** How they are ordered, beside the title. */
  order?: ReactNode
  /** Lines between the head and the homes. */
  notes?: ReactNode
  pending: boolean
  error: unknown
  onRetry: () => void
  /** In place of the list when there are none at all. */
  empty: ReactNode
  more: { words: string; busy: boolean; run: () => void } | null
  hovered: string | null
  onHover: (id: string | null) => void
  heading: RefObject<HTMLHeadingElement | null>
  marks: Marks
  onMark: Marking
  /** Whether a home with that mark goes out of the list. */
  leaves: (mark: Mark | null) => boolean
  /** Hears whether somebody is at the list. */
  watch?: ReturnType<typeof usePresence>['watch']
}

export function HomeList({ search, onChange, homes, total, title, order, notes, pending, error, onRetry, empty, more, hovered, onHover, heading, marks, onMark, leaves, watch }: Props) {
  const picked = search.ids ?? []
  const pick = (id: string) => onChange({ ids: picked.includes(id) ? picked.filter((one) => one !== id) : [...picked, id].slice(0, MOST_COMPARED) })
  const pane = useRef<HTMLDivElement>(null)
  const [current, setCurrent] = useState<string | null>(null)
  const currentId = homes.some(({ id }) => id === current) ? current : homes[0]?.id
  const mark: Marking = (id, next, name) => {
    // The focus goes on before the row that has it goes.
    const at = homes.findIndex((home) => home.id === id)
    const follows = homes[at + 1] ?? homes[at - 1]
    if (leaves(next) && pane.current?.querySelector(`[data-home='${id}']`)?.contains(document.activeElement) === true) {
      if (follows === undefined) heading.current?.focus()
      else {
        setCurrent(follows.id)
        focusRow(pane, follows.id)
      }
    }
    onMark(id, next, name)
  }
  useRowKeys({ pane, homes, marks, pick, mark, select: (id) => onChange({ sel: id }), setCurrent })
  useScrollTo(pane, search.sel)

  const row = (home: Home) => (
    <HomeRow
      key={home.id} home={home} current={home.id === currentId} selected={home.id === search.sel} hovered={home.id === hovered}
      chosen={picked} mark={markIn(marks, home.id)}
      onHover={onHover} onSelect={(id) => onChange({ sel: id })} onPick={pick} onMark={mark}
    />
  )
  return (
    <section {...watch} className={styles.list} aria-label="List of homes">
      <div className={styles.head}>{title}{order}</div>
      {picked.length > 0 && <Tray picked={picked} onClear={() => onChange({ ids: undefined })} />}
      {notes}
      <div ref={pane} className={styles.scroll} data-scroll-restoration-id="homes">
        <Pinned id={search.sel} homes={homes} loaded={!pending && error === null} show={row} />
        {error !== null && homes.length === 0 ? <ErrorState error={error} what="The homes" onRetry={onRetry} />
          : pending ? <Skeleton rows={12} label="Loading homes" />
          : total === 0 ? empty
          : <ol aria-label="Homes">{homes.map(row)}</ol>}
        {total !== undefined && total > 0 && (
          <div className={styles.more}>
            {more !== null && <Button onClick={more.run} disabled={more.busy}>{more.words}</Button>}
            <span>{count(homes.length)} of {count(total)} shown</span>
          </div>
        )}
      </div>
    </section>
  )
}

/** What the list holds; it takes the focus for who comes from the map. */
export function ListHeading({ heading, children }: { heading: RefObject<HTMLHeadingElement | null>; children: ReactNode }) {
  return <h2 ref={heading} tabIndex={-1} aria-live="polite">{children}</h2>
}

/** What a phone shows of the map and the list. */
export const STOPS = [['low', 'Map'], ['half', 'Both'], ['full', 'List']] as const

/** The selected home when it is further down than what was loaded, or not in the list. */
function Pinned({ id, homes, loaded, show }: { id: string | undefined; homes: readonly Home[]; loaded: boolean; show: (home: Home) => ReactNode }) {
  const away = id !== undefined && loaded && !homes.some((home) => home.id === id)
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

interface Keys {
  pane: RefObject<HTMLElement | null>
  homes: readonly Home[]
  marks: Marks
  pick: (id: string) => void
  mark: Marking
  select: (id: string) => void
  setCurrent: (id: string) => void
}

/** J and K go through the homes; M shows the one in focus on the map, X takes it to the comparison, F and H mark it. */
function useRowKeys({ pane, homes, marks, pick, mark, select, setCurrent }: Keys): void {
  const focused = () => document.activeElement?.closest<HTMLElement>('[data-home]')?.dataset.home
  const go = (step: number) => {
    const at = homes.findIndex(({ id }) => id === focused())
    const next = homes[Math.max(0, Math.min(homes.length - 1, at + step))]
    if (next === undefined) return
    setCurrent(next.id)
    focusRow(pane, next.id)
  }
  const withFocused = (run: (home: Home) => void) => () => {
    const id = focused()
    const home = homes.find((one) => one.id === id)
    if (home !== undefined) run(home)
  }
  const toggle = (one: Mark) => withFocused((home) => mark(home.id, markIn(marks, home.id) === one ? null : one, lineOf(home)))
  useShortcuts([
    { keys: 'j', label: 'Next home', group: 'Homes', run: () => go(1) },
    { keys: 'k', label: 'Previous home', group: 'Homes', run: () => go(-1) },
    { keys: 'm', label: 'Show the home on the map', group: 'Homes', run: withFocused(({ id }) => select(id)) },
    { keys: 'x', label: 'Choose the home for comparison', group: 'Homes', run: withFocused(({ id }) => pick(id)) },
    { keys: 'f', label: 'Favourite, or not any more', group: 'Homes', run: toggle('favourite') },
    { keys: 'h', label: 'Hide the home, or show it again', group: 'Homes', run: toggle('hidden') },
  ])
}

function focusRow(pane: RefObject<HTMLElement | null>, id: string): void {
  pane.current?.querySelector<HTMLElement>(`ol[aria-label='Homes'] [data-home='${id}'] a`)?.focus()
}

/** Brings the home that was selected on the map into sight. */
function useScrollTo(pane: RefObject<HTMLElement | null>, id: string | undefined): void {
  useEffect(() => {
    if (id === undefined) return
    const row = pane.current?.querySelector(`[data-home='${id}']`)
    if (row?.contains(document.activeElement) !== true) row?.scrollIntoView({ block: 'nearest' })
  }, [pane, id])
}
