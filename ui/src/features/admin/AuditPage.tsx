// The audit log: who did what, newest first.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { DataGrid, type Column } from '~/components/DataGrid'
import { Dialog } from '~/components/Dialog'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { count } from '~/format/numbers'
import { AdminPage } from './AdminPage'
import styles from './Admin.module.css'
import { Json } from './JobPanel'
import { auditQuery, keysQuery, usersQuery } from './queries'
import type { AuditUrl } from './url'

type Entry = Schema<'AuditOut'>

interface Props {
  search: AuditUrl
  onChange: (change: Partial<AuditUrl>) => void
}

export function AuditPage(props: Props) {
  return <AdminPage title="Audit log" fill><Audit {...props} /></AdminPage>
}

/** Who an entry is of, and of what, by name where the name is known. */
interface Names {
  who: (entry: Entry) => string
  what: (entry: Entry) => string
}

const columnsFor = ({ who, what }: Names): readonly Column<Entry>[] => [
  { id: 'at', label: 'When', width: '150px', cell: (entry) => <Time at={entry.at} style="exact" /> },
  { id: 'actor', label: 'Who', width: 'minmax(120px, 1fr)', cell: (entry) => <span title={entry.actor}>{who(entry)}</span> },
  { id: 'action', label: 'What', width: 'minmax(120px, 1fr)', cell: (entry) => <b>{entry.action}</b> },
  { id: 'subject', label: 'Of what', width: 'minmax(140px, 1.4fr)', cell: (entry) => <span className={styles.quiet} title={entry.subject}>{what(entry)}</span> },
  { id: 'detail', label: 'Detail', width: 'minmax(140px, 1.6fr)', cell: (entry) => <span className={styles.quiet}>{brief(entry.detail)}</span> },
]

// So many matches are enough to fill the screen; scrolling looks for more.
const ENOUGH = 40

function Audit({ search, onChange }: Props) {
  const { data, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(auditQuery)
  const [opened, setOpened] = useState<Entry | null>(null)
  const all = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const names = useNames()
  const { who, what } = names
  const rows = useMemo(() => filtered(all, search.q, names), [all, search.q, names])
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  // The server pages and this page filters: it goes on until there is enough to see.
  useEffect(() => {
    if (search.q !== undefined && rows.length < ENOUGH) more()
  }, [search.q, rows.length, more])
  return (
    <section className={styles.list} aria-label="Audit log">
      <div className={styles.bar}>
        <input className={styles.filter} type="search" aria-label="Find in the log" placeholder="Who, what or of what" value={search.q ?? ''} onChange={(event) => onChange({ q: event.target.value || undefined })} />
        <span className={styles.quiet} role="status">{search.q === undefined ? '' : `${count(rows.length)} of ${count(all.length)} entries${hasNextPage ? ' looked at so far' : ''}`}</span>
      </div>
      {error !== null ? <div className={styles.content}><ErrorState error={error} what="The audit log" onRetry={() => void refetch()} /></div>
        : isPending ? <Skeleton rows={10} label="Loading the audit log" />
        : rows.length === 0 ? <div className={styles.content}>{search.q === undefined ? <EmptyState title="Nothing was logged yet">Sign-ins, imports, keys and every other change of weight stand here.</EmptyState> : <EmptyState title="No entry fits" action={<Button onClick={() => onChange({ q: undefined })}>Show all</Button>} />}</div>
        : (
          <DataGrid
            main label="Audit log" columns={columnsFor(names)} rows={rows} rowKey={keyOf} leastWidth={860} scrollId="audit" onEnd={more} onOpen={setOpened}
            rowLabel={(entry) => `${who(entry)}, ${entry.action}, ${what(entry)}`}
            compact={(entry) => <><div className={styles.line}><b>{entry.action}</b> <span className={styles.quiet}><Time at={entry.at} /></span></div><div className={`${styles.line} ${styles.quiet}`}>{[...new Set([who(entry), what(entry)])].join(', ')}</div></>}
          />
        )}
      {opened !== null && (
        <Dialog title={opened.action} width={560} onClose={() => setOpened(null)}>
          <div className={styles.part}>
            <dl className={styles.facts}>
              <dt>When</dt><dd><Time at={opened.at} style="exact" /></dd>
              <dt>Who</dt><dd>{who(opened)}<Id of={opened.actor} shown={who(opened)} /></dd>
              <dt>Of what</dt><dd>{what(opened)}<Id of={opened.subject} shown={what(opened)} /></dd>
            </dl>
            <Json title="Detail" value={opened.detail} />
          </div>
        </Dialog>
      )}
    </section>
  )
}

/** The id behind a name, for whoever looks it up elsewhere. */
function Id({ of, shown }: { of: string; shown: string }) {
  return of === shown || of === 'system' ? null : <small className={styles.id}>{of}</small>
}

/** A user by the address, a key by its name, what happened without anybody as the server's doing. */
function useNames(): Names {
  const users = useInfiniteQuery(usersQuery)
  const keys = useInfiniteQuery(keysQuery)
  return useMemo(() => {
    const names = new Map<string, string>([
      ...(users.data?.pages.flatMap((page) => page.items) ?? []).map((user) => [`user:${user.id}`, user.email] as const),
      ...(keys.data?.pages.flatMap((page) => page.items) ?? []).map((one) => [`key:${one.id}`, `Key ${one.name}`] as const),
    ])
    return {
      who: ({ actor }) => names.get(actor) ?? (actor === 'system' ? 'The server' : actor),
      what: ({ subject }) => names.get(`user:${subject}`) ?? names.get(`key:${subject}`) ?? subject,
    }
  }, [users.data, keys.data])
}

function keyOf(entry: Entry): string {
  return `${entry.at} ${entry.actor} ${entry.action} ${entry.subject}`
}

function brief(detail: unknown): string {
  if (typeof detail !== 'object' || detail === null) return ''
  return Object.entries(detail).map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`).join(', ')
}

/** Entries that have all the words somewhere. */
export function filtered(entries: readonly Entry[], q: string | undefined, { who, what }: Names): readonly Entry[] {
  const words = (q ?? '').toLowerCase().split(/\s+/).filter((word) => word !== '')
  if (words.length === 0) return entries
  return entries.filter((entry) => {
    const text = `${who(entry)} ${entry.actor} ${entry.action} ${what(entry)} ${entry.subject} ${brief(entry.detail)}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}
