// Saved searches: what is looked for, where and for whom.
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import { Button, IconButton } from '~/components/Button'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { leadName } from '~/format/words'
import { useShortcuts } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import { createSearch, deleteSearch, searchesQuery, type SavedSearch } from './queries'
import { SearchForm } from './SearchForm'
import styles from './Searches.module.css'
import type { SearchesUrl } from './url'
import { conditions } from './words'

interface Props {
  search: SearchesUrl
  onChange: (change: Partial<SearchesUrl>) => void
}

export function SearchesPage({ search: { lead, new: creating }, onChange }: Props) {
  const canChange = atLeast(useSession().role, 'agent')
  const query = useInfiniteQuery(searchesQuery(lead))
  const searches = query.data?.pages.flatMap((page) => page.items) ?? []
  const open = () => onChange({ new: true })
  useShortcuts(canChange ? [{ keys: 'shift+n', label: 'New saved search', group: 'Saved searches', run: open }] : [])
  const create = canChange && <Button look="primary" icon="plus" keys="shift+n" onClick={open}>New search</Button>
  return (
    <Page title="Saved searches" actions={create}>
      {lead !== undefined && <p className={styles.only}>Only those of <LeadLink id={lead} />. <Button look="plain" icon="close" onClick={() => onChange({ lead: undefined })}>Show all</Button></p>}
      {query.isPending ? <Skeleton rows={8} label="Loading the saved searches" />
        : query.isError ? <ErrorState error={query.error} what="The saved searches" onRetry={() => void query.refetch()} />
        : searches.length === 0 ? <EmptyState title="No saved search yet" action={canChange && <Button look="primary" icon="plus" onClick={open}>New search</Button>}>Each search that is kept for a lead or for the team appears here.</EmptyState>
        : (
          <>
            <ul className={styles.list} aria-label="Saved searches">
              {searches.map((one) => <Row key={one.id} search={one} canChange={canChange} />)}
            </ul>
            {query.hasNextPage && <Button look="plain" disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>More</Button>}
          </>
        )}
      {creating === true && canChange && <SearchForm lead={lead} onClose={() => onChange({ new: undefined })} />}
    </Page>
  )
}

function Row({ search, canChange }: { search: SavedSearch; canChange: boolean }) {
  const client = useQueryClient()
  const { id, name, market, filters, lead_id: lead, created_at: at, cadence, paused } = search
  const remove = async () => {
    try {
      await deleteSearch(client, id)
      toast(`“${name}” deleted`, { undo: () => void createSearch(client, { name, market, filters, lead_id: lead, cadence, paused }) })
    } catch (error) {
      toast(error instanceof Error ? error.message : 'It could not be deleted.', { look: 'error' })
    }
  }
  return (
    <li className={styles.row}>
      <div>
        <h2>{name}</h2>
        <p className={styles.quiet}>{conditions(filters)}</p>
      </div>
      <p className={styles.quiet}>{market}{lead != null && <>, for <LeadLink id={lead} /></>}</p>
      <p className={styles.quiet}>saved <Time at={at} /></p>
      {canChange && <IconButton icon="remove" label={`Delete ${name}`} onClick={() => void remove()} />}
    </li>
  )
}

/** The lead by name, as a link to its page. */
function LeadLink({ id }: { id: string }) {
  const { data, isError } = useQuery({ queryKey: key('leads', id), queryFn: ({ signal }) => take(api.GET('/api/v1/leads/{id}', { params: { path: { id } }, signal })) })
  if (isError) return <>a lead that is gone</>
  return <Link to="/leads/$id" params={{ id }}>{data === undefined ? 'a lead' : leadName(data)}</Link>
}
