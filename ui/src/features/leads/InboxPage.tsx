// The inbox: who to answer next.
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { DataGrid, type Column, type GridHandle } from '~/components/DataGrid'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Tier } from '~/components/Tier'
import { Time } from '~/components/Time'
import { decimal } from '~/format/numbers'
import { leadName, sentence } from '~/format/words'
import { useShortcuts } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import styles from './Inbox.module.css'
import { LeadPreview } from './LeadPreview'
import { leadsQuery } from './queries'
import { sorts, type InboxUrl } from './url'

type Lead = Schema<'LeadOut'>

interface Props {
  search: InboxUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<InboxUrl>, replace?: boolean) => void
  /** The focus is on a lead that may be opened. */
  onNear: (id: string) => void
}

const columns: readonly Column<Lead>[] = [
  { id: 'score', label: 'Score', width: '96px', sort: 'score', cell: (lead) => <Score lead={lead} /> },
  { id: 'name', label: 'Lead', width: 'minmax(140px, 1.2fr)', sort: 'name', cell: (lead) => <b>{leadName(lead)}</b> },
  { id: 'stage', label: 'Stage', width: 'minmax(90px, 1fr)', cell: (lead) => (lead.stage == null ? null : sentence(lead.stage)) },
  { id: 'source', label: 'Source', width: 'minmax(90px, 1fr)', cell: (lead) => (lead.source == null ? null : sentence(lead.source)) },
  { id: 'market', label: 'Market', width: 'minmax(90px, 1fr)', cell: (lead) => lead.market },
  { id: 'seen', label: 'Last seen', width: '84px', align: 'end', sort: 'last_interaction_at', cell: (lead) => <LastSeen lead={lead} /> },
]

export function InboxPage({ search, onChange, onNear }: Props) {
  const { lead: open, ...filter } = search
  const query = useInfiniteQuery({ ...leadsQuery(filter), placeholderData: keepPreviousData })
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const grid = useRef<GridHandle>(null)
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const close = () => {
    onChange({ lead: undefined }, false)
    grid.current?.focusRow(rows.findIndex((row) => row.id === open))
  }
  useShortcuts(open === undefined ? [] : [{ keys: 'esc', label: 'Close the lead', group: 'Leads', run: close }])
  const hot = rows.filter((row) => row.tier === 'hot').length
  return (
    <Page title="Lead inbox" numbers={[{ label: 'Hot among these', value: hot, hot: hot > 0 }]} fill>
      <div className={styles.panes} data-open={open !== undefined}>
        <section className={styles.list} aria-label="Leads">
          <div className={styles.bar}>
            <Choice legend="Band" hideLegend value={search.band ?? 'all'} onChange={(band) => onChange({ band: band === 'all' ? undefined : band })} options={[['all', 'All'], ['hot', 'Hot'], ['warm', 'Warm'], ['cool', 'Cool']]} />
            {search.q !== undefined && <Button onClick={() => onChange({ q: undefined })} icon="close">Contains “{search.q}”</Button>}
            {selected.size > 0 ? <span className={styles.hint} role="status">{selected.size} selected</span> : <span className={styles.hint} aria-hidden="true">J K move, Enter open, X select</span>}
          </div>
          {query.isError && rows.length === 0 ? <ErrorState error={query.error} what="The leads" onRetry={() => void query.refetch()} />
            : query.isPending ? <Skeleton rows={14} label="Loading leads" />
            : rows.length === 0 ? <NoLeads filtered={Object.keys(filter).length > 0} onClear={() => onChange({ band: undefined, market: undefined, q: undefined })} />
            : (
              <DataGrid
                ref={grid} main label="Leads" columns={columns} rows={rows} rowKey={(lead) => lead.id} rowLabel={rowLabel} scrollId="inbox"
                current={open} onOpen={(lead) => onChange({ lead: lead.id }, open !== undefined)} onFocusRow={(lead) => onNear(lead.id)}
                selected={selected} onSelect={setSelected} sort={search.sort ?? '-score'} onSort={(sort) => onChange({ sort: sorts.find((one) => one === sort) })}
                onEnd={more} compact={(lead) => <Compact lead={lead} />} leastWidth={620}
              />
            )}
        </section>
        {open !== undefined && <LeadPreview id={open} onClose={close} />}
      </div>
    </Page>
  )
}

function rowLabel(lead: Lead): string {
  const score = lead.score == null ? 'no score' : `score ${Math.round(lead.score)}`
  return `${leadName(lead)}, ${score}${lead.tier == null ? '' : `, ${lead.tier}`}`
}

function Score({ lead }: { lead: Lead }) {
  return (
    <span className={styles.score}>
      <span className={styles.figure} title={lead.score == null ? 'Not scored yet' : `${decimal(lead.score, 1)} of 100`}>{lead.score == null ? '–' : Math.round(lead.score)}</span>
      {lead.tier != null && <Tier tier={lead.tier} />}
    </span>
  )
}

function LastSeen({ lead }: { lead: Lead }) {
  return <span className={styles.quiet}>{lead.last_interaction_at == null ? 'never' : <Time at={lead.last_interaction_at} />}</span>
}

function Compact({ lead }: { lead: Lead }) {
  return (
    <div className={styles.compact}>
      <Score lead={lead} /><b>{leadName(lead)}</b><LastSeen lead={lead} />
      <span className={styles.quiet}>{[lead.stage, lead.source, lead.market].filter((part) => part != null).map((part) => sentence(part)).join(', ')}</span>
    </div>
  )
}

function NoLeads({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) return <EmptyState title="No lead fits these filters" action={<Button onClick={onClear}>Clear the filters</Button>}>Others are there without them.</EmptyState>
  return <EmptyState title="No leads yet">They appear here, most urgent first, as soon as they are imported or a form sends them.</EmptyState>
}
