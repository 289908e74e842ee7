// The inbox: who to answer next.
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '~/components/Button'
import { DataGrid, type GridHandle } from '~/components/DataGrid'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { useShortcuts, type Shortcut } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import { announce } from '~/state/announce'
import { useNarrow } from '~/state/media'
import { atLeast, useSession } from '~/state/session'
import { act } from './action'
import { LeadDialogs } from './LeadDialogs'
import { BulkBar } from './BulkBar'
import { useLeads } from './fresh'
import styles from './Inbox.module.css'
import { InboxBar } from './InboxBar'
import { columns, CompactRow, LEAST_WIDTH, rowLabel } from './LeadCells'
import { LeadPreview } from './LeadPreview'
import type { Lead } from './queries'
import { sorts, type InboxUrl } from './url'

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
  const { band, assignee, market, q, sort } = search
  const filter = useMemo(() => ({ band, assignee, market, q, sort }), [band, assignee, market, q, sort])
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const [at, setAt] = useState<string | null>(null)
  const presence = usePresence()
  const { query, rows, news, show } = useLeads(filter, me, presence.present || selected.size > 0)
  const grid = useRef<GridHandle>(null)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])

  const chosen = useMemo(() => rows.filter(({ id }) => selected.has(id)), [rows, selected])
  const current = rows.find(({ id }) => id === (at ?? open)) ?? rows.find(({ id }) => id === open)
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
  const toggle = (lead: Lead) => setSelected((before) => {
    const next = new Set(before)
    if (!next.delete(lead.id)) next.add(lead.id)
    return next
  })
  useFollow(at, open, (lead) => onChange({ lead }, true))
  const told = news?.text
  useEffect(() => {
    if (told !== undefined) announce(`${told}. Press N to show.`)
  }, [told])
  useShortcuts(shortcutsOf({ canChange, current, chosen, news: news === null ? null : showNews, escape: selected.size > 0 ? clear : open === undefined ? null : close, onLead }))

  return (
    <Page title="Lead inbox" numbers={[]} fill actions={canChange && <Button icon="plus" look="primary" keys="shift+n" onClick={() => act({ kind: 'create' })}>New lead</Button>}>
      <div className={styles.panes} data-open={open !== undefined}>
        <section className={styles.list} aria-label="Leads" {...presence.watch}>
          <InboxBar search={search} onChange={onChange} />
          {chosen.length > 0 && canChange && <BulkBar leads={chosen} onClear={clear} />}
          {news !== null && <div className={styles.news}><Button look="plain" keys="n" onClick={showNews}>{news.text}: show</Button></div>}
          {query.isError && rows.length === 0 ? <ErrorState error={query.error} what="The leads" onRetry={() => void query.refetch()} />
            : query.isPending ? <Skeleton rows={14} label="Loading leads" />
            : rows.length === 0 ? <NoLeads search={search} canCreate={canChange} onClear={() => onChange({ band: undefined, assignee: undefined, market: undefined, q: undefined })} />
            : (
              <DataGrid
                ref={grid} main label="Leads" columns={columns} rows={rows} rowKey={(lead) => lead.id} rowLabel={rowLabel} scrollId="inbox"
                current={open} onOpen={openRow} onFocusRow={(lead) => { setAt(lead.id); onNear(lead.id) }}
                selected={selected} onSelect={setSelected} sort={sort ?? '-score'} onSort={(sort) => onChange({ sort: sorts.find((one) => one === sort) })}
                onEnd={more} compactHeight={72} leastWidth={LEAST_WIDTH}
                compact={(lead) => <CompactRow lead={lead} onActions={() => act({ kind: 'menu', lead, selected: selected.has(lead.id), onSelect: () => toggle(lead) })} />}
              />
            )}
        </section>
        {open !== undefined && <LeadPreview id={open} onClose={close} />}
      </div>
      <LeadDialogs />
    </Page>
  )
}

/** Whether the pointer or the focus is in a part of the page. */
function usePresence() {
  const [pointer, setPointer] = useState(false)
  const [focus, setFocus] = useState(false)
  const watch = {
    onPointerEnter: () => setPointer(true), onPointerLeave: () => setPointer(false),
    onFocus: () => setFocus(true), onBlur: (event: React.FocusEvent) => setFocus(event.currentTarget.contains(event.relatedTarget)),
  }
  return { present: pointer || focus, watch }
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
  current: Lead | undefined
  chosen: readonly Lead[]
  news: (() => void) | null
  escape: (() => void) | null
  onLead: (id: string) => void
}

function shortcutsOf({ canChange, current, chosen, news, escape, onLead }: Keys): Shortcut[] {
  const group = 'Leads'
  const list: Shortcut[] = []
  if (current !== undefined) list.push({ keys: 'o', label: 'Open the page of the lead', group, run: () => onLead(current.id) })
  if (canChange && current !== undefined) list.push({ keys: 'c', label: 'Log a call', group, run: () => act({ kind: 'call', lead: current }) })
  const leads = chosen.length > 0 ? chosen : current === undefined ? [] : [current]
  if (canChange && leads.length > 0) list.push({ keys: 'a', label: 'Assign', group, run: () => act({ kind: 'assign', leads }) })
  if (canChange) list.push({ keys: 'shift+n', label: 'New lead', group, run: () => act({ kind: 'create' }) })
  if (news !== null) list.push({ keys: 'n', label: 'Show what is new', group, run: news })
  if (escape !== null) list.push({ keys: 'esc', label: chosen.length > 0 ? 'Select nothing' : 'Close the lead', group, run: escape })
  return list
}

function NoLeads({ search: { band, assignee, market, q }, canCreate, onClear }: { search: InboxUrl; canCreate: boolean; onClear: () => void }) {
  const filtered = [band, assignee, market, q].some((one) => one !== undefined)
  if (filtered) return <EmptyState title="No lead fits these filters" action={<Button onClick={onClear}>Clear the filters</Button>}>Others are there without them.</EmptyState>
  const create = canCreate && <Button look="primary" icon="plus" onClick={() => act({ kind: 'create' })}>New lead</Button>
  return <EmptyState title="No leads yet" action={create}>They appear here, most urgent first, as soon as they are imported, sent by a form or written down.</EmptyState>
}
