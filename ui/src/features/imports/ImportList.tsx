// The imports so far, newest first.
import type { InfiniteData, UseInfiniteQueryResult } from '@tanstack/react-query'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { Table } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { count, percent } from '~/format/numbers'
import { sentence } from '~/format/words'
import styles from './Import.module.css'
import { shareOf, useCourse } from './progress'
import { isGoing, type Import } from './queries'

interface Props {
  query: UseInfiniteQueryResult<InfiniteData<Schema<'Page_ImportOut'>>>
  imports: readonly Import[]
  current: string | undefined
  onOpen: (id: string) => void
}

export function ImportList({ query, imports, current, onOpen }: Props) {
  return (
    <section className={styles.part} aria-label="Imports so far">
      <h2>Imports so far</h2>
      {query.isError ? <ErrorState error={query.error} what="The imports" onRetry={() => void query.refetch()} />
        : query.isPending ? <Skeleton rows={5} label="Loading imports" />
        : imports.length === 0 ? <p>None yet. Each file that you import stands here, with what became of its rows and a way to take it back.</p>
        : (
          <Table
            label="Imports" rows={imports} rowKey={(one) => one.id}
            columns={[
              { id: 'name', label: 'File', cell: (one) => <button type="button" className={styles.link} aria-current={one.id === current ? true : undefined} onClick={() => onOpen(one.id)}>{one.name}</button> },
              { id: 'state', label: 'State', cell: (one) => <span className={styles.at}><State of={one} />{isGoing(one) && <Share id={one.id} />}</span> },
              { id: 'kind', label: 'Holds', cell: (one) => sentence(one.kind) },
              { id: 'market', label: 'Market', cell: (one) => one.market ?? '–' },
              { id: 'rows', label: 'Rows', align: 'end', cell: (one) => count(one.counts.rows) },
              { id: 'rejected', label: 'Rejected', align: 'end', cell: (one) => <span className={one.counts.rejected > 0 ? styles.bad : undefined}>{count(one.counts.rejected)}</span> },
              { id: 'started', label: 'Started', align: 'end', cell: (one) => <Time at={one.started_at} /> },
            ]}
          />
        )}
      {query.hasNextPage && <div><Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>Show more</Button></div>}
    </section>
  )
}

/** How far one is that runs. */
function Share({ id }: { id: string }) {
  const share = shareOf(useCourse(id))
  return share === null ? null : <span className={styles.quiet}>{percent(share)}</span>
}

const looks: Record<string, 'ok' | 'warm' | 'hot' | 'cool' | 'neutral'> = { queued: 'cool', running: 'cool', done: 'ok', failed: 'hot', cancelled: 'warm', undone: 'neutral' }

export function State({ of: { state } }: { of: Import }) {
  return <Chip look={looks[state] ?? 'neutral'}>{state === 'undone' ? 'Taken back' : sentence(state)}</Chip>
}
