// The inbox: who to answer next.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { DataGrid, type GridHandle } from '~/components/DataGrid'
import { ErrorState, Skeleton } from '~/components/states'
import { count } from '~/format/numbers'
import { useShortcuts, type Shortcut } from '~/keyboard/registry'
import { Page, type KeyNumber } from '~/shell/Page'
import { announce } from '~/state/announce'
import { useIdle } from '~/state/idle'
import { useNarrow } from '~/state/media'
import { usePresence } from '~/state/presence'
import { atLeast, useSession } from '~/state/session'
import { act } from './action'
import { LeadDialogs } from './LeadDialogs'
import { BulkBar } from './BulkBar'
import { isTask, useFinishStep } from './finish'
import { useLeads } from './fresh'
import styles from './Inbox.module.css'
import { InboxBar } from './InboxBar'
import { columnsOf, CompactRow, LEAST_WIDTH, rowLabel } from './LeadCells'
import { countsQuery, type Lead } from './queries'
import { sorts, type InboxUrl } from './url'

const loadPreview = () => import('./LeadPreview')
const LeadPreview = lazy(loadPreview)
// Seldom seen, and it brings what asks several questions at once.
const NoLeads = lazy(() => import('./NoLeads'))

interface Props {
  search: InboxUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<InboxUrl>, replace?: boolean) => void
  /** The focus is on a lead that may be opened. */
  onNear: (id: string) => void
  /** Leaves for the page of a lead. */
  onLead: (id: string) => void
}

// The panel follows the focus once it rests.
const REST = 120

export function InboxPage({ search, onChange, onNear, onLead }: Props) {
  const { user_id: me, role } = useSession()
  const canChange = atLeast(role, 'agent')
  const { lead: open } = search
  const { band, assignee, market, todo, snoozed, q, sort } = search
  const filter = useMemo(() => ({ band, assignee, market, todo, snoozed, q, sort }), [band, assignee, market, todo, snoozed, q, sort])
  const columns = useMemo(() => columnsOf(canChange, snoozed === true), [canChange, snoozed])
  const idle = useIdle()
  const counts = useQuery({ ...countsQuery(filter, me), enabled: idle, placeholderData: keepPreviousData }).data
  useEffect(() => {
    // So that the panel opens as soon as it is asked for.
    if (idle) void loadPreview()
  }, [idle])
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [at, setAt] = useState<string | null>(null)
  const presence = usePresence()
  const { query, rows, news, show } = useLeads(filter, me, presence.present || selected.size > 0)
  const grid = useRef<GridHandle>(null)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  const chosen = useMemo(() => (selected.size === 0 ? [] : rows.filter(({ id }) => selected.has(id))), [rows, selected])
  const current = useMemo(() => [at, open].map((one) => (one == null ? undefined : rows.find(({ id }) => id === one))).find((lead) => lead !== undefined), [rows, at, open])
  const clear = () => setSelected(new Set())
  const close = () => {
    onChange({ lead: undefined }, false)
    grid.current?.focusRow(rows.findIndex((row) => row.id === open))
  }
  const showNews = () => {
    show()
    grid.current?.focusRow(0)
  }
  const openRow = (lead: Lead) => {
    if (lead.id === open) onLead(lead.id)
    else onChange({ lead: lead.id }, open !== undefined)
  }
  const compact = useCompact(canChange, selected, setSelected)
  useKeptPlace(rows, at, grid)
  useFollow(at, open, (lead) => onChange({ lead }, true))
  const told = news?.text
  useEffect(() => {
    if (told !== undefined) announce(`${told}. Press N to show.`)
  }, [told])
  const finish = useFinishStep()
  useShortcuts(shortcutsOf({ canChange, finish, current, chosen, news: news === null ? null : showNews, escape: selected.size > 0 ? clear : open === undefined ? null : close, onLead }))

  return (
    <Page title="Lead inbox" numbers={numbersOf(counts)} fill actions={canChange && <Button icon="plus" look="primary" keys="shift+n" onClick={() => act({ kind: 'create' })}>New lead</Button>}>
      <div className={styles.panes} data-open={open !== undefined}>
        <section className={styles.list} aria-label="Leads" {...presence.watch}>
          <InboxBar search={search} onChange={onChange} counts={counts} />
          {chosen.length > 0 && canChange && <BulkBar leads={chosen} onClear={clear} />}
          {news !== null && <div className={styles.news}><Button look="plain" keys="n" onClick={showNews}>{news.text}: show</Button></div>}
          {query.isError && rows.length === 0 ? <ErrorState error={query.error} what="The leads" onRetry={() => void query.refetch()} />
            : query.isPending ? <Skeleton rows={14} label="Loading leads" />
            : rows.length === 0 ? <Suspense><NoLeads filter={filter} canCreate={canChange} onChange={onChange} /></Suspense>
            : (
              <DataGrid
                ref={grid} main label="Leads" columns={columns} rows={rows} rowKey={idOf} rowLabel={rowLabel} scrollId="inbox"
                current={open} onOpen={openRow} onFocusRow={(lead) => { setAt(lead.id); onNear(lead.id) }}
                selected={selected} onSelect={setSelected} sort={sort ?? '-score'} onSort={(sort) => onChange({ sort: sorts.find((one) => one === sort) })}
                total={totalOf(counts, search)} onEnd={more} compactHeight={72} leastWidth={LEAST_WIDTH}
                compact={compact}
              />
            )}
        </section>
        {open !== undefined && <Suspense fallback={<aside className={styles.preview} aria-label="Lead" />}><LeadPreview id={open} onClose={close} /></Suspense>}
      </div>
      <LeadDialogs />
    </Page>
  )
}

function numbersOf(counts: Schema<'LeadCountsOut'> | undefined): KeyNumber[] {
  const of = (n: number | undefined) => (n === undefined ? '–' : count(n))
  return [{ label: 'To do', value: of(counts?.follow_up), hot: (counts?.follow_up ?? 0) > 0 }, { label: 'Hot', value: of(counts?.hot) }, { label: 'Leads', value: of(counts?.total) }]
}

/** How long the whole list is, where a count says so. */
function totalOf(counts: Schema<'LeadCountsOut'> | undefined, { band, todo, snoozed }: InboxUrl): number | undefined {
  if (snoozed === true) return band === undefined && todo === undefined ? counts?.snoozed : undefined
  if (band !== undefined) return todo === undefined ? counts?.[band] : undefined
  return todo === undefined ? counts?.total : counts?.follow_up
}

/** The row on a phone; the same function throughout, so that rows are not drawn again for nothing. */
function useCompact(canChange: boolean, selected: ReadonlySet<string>, onSelect: (change: (before: ReadonlySet<string>) => ReadonlySet<string>) => void) {
  const now = useRef(selected)
  now.current = selected
  return useCallback((lead: Lead) => {
    const toggle = () => onSelect((before) => {
      const next = new Set(before)
      if (!next.delete(lead.id)) next.add(lead.id)
      return next
    })
    return <CompactRow lead={lead} canChange={canChange} onActions={() => act({ kind: 'menu', lead, selected: now.current.has(lead.id), onSelect: toggle })} />
  }, [canChange, onSelect])
}

const idOf = ({ id }: Lead) => id

/** When the row with the focus leaves the list, the one that takes its place has it. */
function useKeptPlace(rows: readonly Lead[], at: string | null, grid: RefObject<GridHandle | null>): void {
  const place = useRef(-1)
  const index = at === null ? -1 : rows.findIndex(({ id }) => id === at)
  useEffect(() => {
    if (index >= 0) place.current = index
    else if (place.current >= 0 && rows.length > 0 && document.activeElement === document.body) {
      const next = Math.min(place.current, rows.length - 1)
      place.current = -1
      grid.current?.focusRow(next)
    }
  }, [index, rows, grid])
}

/** The open panel shows the lead that the focus has come to, once it rests there. */
function useFollow(at: string | null, open: string | undefined, onFollow: (id: string) => void): void {
  const narrow = useNarrow()
  const follow = useRef(onFollow)
  follow.current = onFollow
  const isOpen = open !== undefined
  const opened = useRef(open)
  opened.current = open
  useEffect(() => {
    if (!isOpen || narrow || at === null) return
    const timer = setTimeout(() => {
      if (at !== opened.current) follow.current(at)
    }, REST)
    return () => clearTimeout(timer)
  }, [at, isOpen, narrow])
}

interface Keys {
  canChange: boolean
  finish: (lead: Lead) => void
  current: Lead | undefined
  chosen: readonly Lead[]
  news: (() => void) | null
  escape: (() => void) | null
  onLead: (id: string) => void
}

function shortcutsOf({ canChange, finish, current, chosen, news, escape, onLead }: Keys): Shortcut[] {
  const group = 'Leads'
  const list: Shortcut[] = []
  if (current !== undefined) list.push({ keys: 'o', label: 'Open the page of the lead', group, run: () => onLead(current.id) })
  if (canChange && current !== undefined && isTask(current)) list.push({ keys: 'd', label: 'Done: the task that is next', group, run: () => finish(current) })
  if (canChange && current !== undefined) list.push({ keys: 'c', label: 'Log a call', group, run: () => act({ kind: 'call', lead: current }) })
  const leads = chosen.length > 0 ? chosen : current === undefined ? [] : [current]
  if (canChange && leads.length > 0) list.push({ keys: 'a', label: 'Assign', group, run: () => act({ kind: 'assign', leads }) })
  if (canChange && leads.length > 0) list.push({ keys: 's', label: 'Snooze', group, run: () => act({ kind: 'snooze', leads }) })
  if (canChange) list.push({ keys: 'shift+n', label: 'New lead', group, run: () => act({ kind: 'create' }) })
  if (news !== null) list.push({ keys: 'n', label: 'Show what is new', group, run: news })
  if (escape !== null) list.push({ keys: 'esc', label: chosen.length > 0 ? 'Select nothing' : 'Close the lead', group, run: escape })
  return list
}
