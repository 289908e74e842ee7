// Saved searches: what is looked for, for whom, what it finds, and when somebody was last told of it.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { lazy, Suspense, useCallback, useMemo, useRef, useState } from 'react'
import { Button } from '~/components/Button'
import { DataGrid, type Column, type GridHandle } from '~/components/DataGrid'
import { refused } from '~/components/Refusal'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { leadQuery, marketsQuery } from '~/features/leads/queries'
import { LeadLink, LeadName } from '~/features/tasks/LeadLink'
import { count, plural } from '~/format/numbers'
import { useShortcuts, type Shortcut } from '~/keyboard/registry'
import { Page, type KeyNumber } from '~/shell/Page'
import { useIdle } from '~/state/idle'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import { createSearch, deleteSearch, patchSearch, searchesQuery, type SavedSearch } from './queries'
import { SearchPanel } from './SearchPanel'
import styles from './Searches.module.css'
import { spans, type SearchesUrl } from './url'
import { cadenceWords, conditions } from './words'

const SearchForm = lazy(() => import('./SearchForm'))

interface Props {
  search: SearchesUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<SearchesUrl>, replace?: boolean) => void
}

const DAYS = 30

export function SearchesPage({ search: { lead, new: creating, search: open, days }, onChange }: Props) {
  const canChange = atLeast(useSession().role, 'agent')
  const query = useInfiniteQuery(searchesQuery(lead))
  const rows = useMemo(() => query.data?.pages.flatMap((page) => page.items) ?? [], [query.data])
  const [edited, setEdited] = useState<SavedSearch | null>(null)
  const [at, setAt] = useState<string | null>(null)
  const grid = useRef<GridHandle>(null)
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const create = () => onChange({ new: true })
  const close = () => {
    onChange({ search: undefined }, false)
    grid.current?.focusRow(rows.findIndex((row) => row.id === open))
  }
  const remove = useRemove()
  const current = rows.find((row) => row.id === (at ?? open)) ?? rows.find((row) => row.id === open)
  useSearchKeys({ canChange, current, create, edit: setEdited, close: open === undefined ? null : close })
  const columns = useColumns()
  const action = canChange && <Button look="primary" icon="plus" keys="shift+n" onClick={create}>New search</Button>
  return (
    <Page title="Saved searches" fill numbers={query.isSuccess ? numbersOf(rows, hasNextPage) : []} actions={action}>
      <div className={styles.panes} data-open={open !== undefined}>
        <section className={styles.list} aria-label="Saved searches">
          {lead !== undefined && <p className={styles.only}>Only those of <LeadLink id={lead} /> <Button look="plain" icon="close" onClick={() => onChange({ lead: undefined })}>Show all</Button></p>}
          {query.isPending ? <Skeleton rows={10} label="Loading the saved searches" />
            : query.isError ? <ErrorState error={query.error} what="The saved searches" onRetry={() => void query.refetch()} />
            : rows.length === 0 ? <EmptyState title="No saved search yet" action={canChange && <Button look="primary" icon="plus" onClick={create}>New search</Button>}>Each search that is kept for a lead or for the team appears here, with what it finds.</EmptyState>
            : (
              <DataGrid
                ref={grid} main label="Saved searches" columns={columns} rows={rows} rowKey={idOf} rowLabel={labelOf} scrollId="searches" leastWidth={880} compactHeight={72}
                current={open} onEnd={more} onFocusRow={({ id }) => setAt(id)} onOpen={({ id }) => onChange({ search: id }, open !== undefined)} compact={compact}
              />
            )}
        </section>
        {open !== undefined && (
          <SearchPanel
            key={open} id={open} days={days === undefined ? DAYS : Number(days)} onDays={(next) => onChange({ days: spans.find((one) => one === String(next)) })}
            canChange={canChange} onEdit={setEdited} onClose={close}
            onDelete={(search) => {
              onChange({ search: undefined })
              void remove(search)
            }}
          />
        )}
      </div>
      <Suspense>
        {creating === true && canChange && <NewSearch lead={lead} onDone={({ id }) => onChange({ new: undefined, search: id })} onClose={() => onChange({ new: undefined })} />}
        {edited !== null && <SearchForm search={edited} onClose={() => setEdited(null)} />}
      </Suspense>
    </Page>
  )
}

/** The form for a new one; for a lead it comes with the lead. */
function NewSearch({ lead, ...rest }: { lead: string | undefined; onDone: (search: SavedSearch) => void; onClose: () => void }) {
  const { data, isPending } = useQuery({ ...leadQuery(lead ?? ''), enabled: lead !== undefined })
  return lead !== undefined && isPending ? null : <SearchForm lead={data} {...rest} />
}

function numbersOf(rows: readonly SavedSearch[], isCut: boolean): KeyNumber[] {
  const n = (list: readonly SavedSearch[]) => `${count(list.length)}${isCut ? ' or more' : ''}`
  return [{ label: 'With news', value: n(rows.filter((row) => row.new_since > 0)) }, { label: 'Paused', value: n(rows.filter((row) => row.paused)) }, { label: 'Searches', value: n(rows) }]
}

const idOf = ({ id }: SavedSearch) => id

function labelOf({ name, filters, match_count: n, new_since: fresh, paused }: SavedSearch): string {
  const parts = [name, conditions(filters), `finds ${plural(n, 'home')}`, fresh > 0 ? `${count(fresh)} new` : null, paused ? 'paused' : null]
  return parts.filter((part) => part !== null).join(', ')
}

function useColumns(): readonly Column<SavedSearch>[] {
  const markets = useQuery({ ...marketsQuery, enabled: useIdle() }).data?.items
  return useMemo(() => {
    const marketName = (slug: string) => markets?.find((one) => one.slug === slug)?.name ?? slug
    return [
      { id: 'name', label: 'Search', width: 'minmax(150px, 1.2fr)', cell: ({ name }) => <b>{name}</b> },
      { id: 'conditions', label: 'Looks for', width: 'minmax(170px, 1.6fr)', cell: ({ filters }) => <span className={styles.quiet}>{conditions(filters)}</span> },
      { id: 'for', label: 'For', width: 'minmax(120px, 1fr)', cell: ({ lead_id: lead, market }) => <span className={styles.quiet}>{lead == null ? 'Team' : <LeadName id={lead} />}, {marketName(market)}</span> },
      { id: 'news', label: 'News', width: '64px', cell: ({ new_since: n }) => (n > 0 ? <Chip look="ok">{count(n)} new</Chip> : null) },
      { id: 'finds', label: 'Homes now', width: '80px', align: 'end', cell: ({ match_count: n }) => count(n) },
      { id: 'told', label: 'Tells', width: '96px', cell: (row) => <Tells search={row} /> },
      { id: 'last', label: 'Last told of', width: '84px', align: 'end', cell: ({ last_alerted_at: at }) => <span className={styles.quiet}>{at == null ? 'never' : <Time at={at} />}</span> },
    ]
  }, [markets])
}

function Tells({ search: { cadence, paused } }: { search: SavedSearch }) {
  return paused ? <Chip look="warm">Paused</Chip> : <span className={styles.quiet}>{cadenceWords(cadence)}</span>
}

function compact(row: SavedSearch) {
  return (
    <div className={styles.compact}>
      <b>{row.name}</b>
      <span>{plural(row.match_count, 'home')}</span>
      <span className={styles.quiet}>{conditions(row.filters)}</span>
      {row.new_since > 0 && !row.paused ? <Chip look="ok">{count(row.new_since)} new</Chip> : <Tells search={row} />}
    </div>
  )
}

/** Deletes a search; Undo makes it anew. */
function useRemove() {
  const client = useQueryClient()
  return async ({ id, name, market, filters, lead_id, cadence, paused }: SavedSearch) => {
    try {
      await deleteSearch(client, id)
      toast(`“${name}” deleted`, { undo: () => void createSearch(client, { name, market, filters, lead_id, cadence, paused }) })
    } catch (error) {
      toast(refused(error, 'The search'), { look: 'error' })
    }
  }
}

interface Keys {
  canChange: boolean
  current: SavedSearch | undefined
  create: () => void
  edit: (search: SavedSearch) => void
  close: (() => void) | null
}

function useSearchKeys({ canChange, current, create, edit, close }: Keys): void {
  const client = useQueryClient()
  const group = 'Saved searches'
  const pause = async (search: SavedSearch) => {
    try {
      const now = await patchSearch(client, search, { paused: !search.paused })
      toast(now.paused ? 'Paused' : 'It watches the market again', { undo: () => void patchSearch(client, now, { paused: search.paused }) })
    } catch (error) {
      toast(refused(error, 'The search'), { look: 'error' })
    }
  }
  const keys: Shortcut[] = []
  if (canChange) keys.push({ keys: 'shift+n', label: 'New saved search', group, run: create })
  if (canChange && current !== undefined) {
    keys.push({ keys: 'e', label: 'Change the search', group, run: () => edit(current) }, { keys: 'p', label: 'Pause or resume the search', group, run: () => void pause(current) })
  }
  if (close !== null) keys.push({ keys: 'esc', label: 'Close the search', group, run: close })
  useShortcuts(keys)
}
