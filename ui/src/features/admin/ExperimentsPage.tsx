// Experiments: which run, and what they have found so far.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Button } from '~/components/Button'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Table } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { useShortcuts } from '~/keyboard/registry'
import { atLeast, useSession } from '~/state/session'
import { AdminPage } from './AdminPage'
import styles from './Admin.module.css'
import { ExperimentPanel } from './ExperimentPanel'
import { NewExperiment } from './NewExperiment'
import { experimentsQuery } from './queries'
import type { ExperimentsUrl } from './url'

interface Props {
  search: ExperimentsUrl
  onChange: (change: Partial<ExperimentsUrl>, replace?: boolean) => void
}

export function ExperimentsPage(props: Props) {
  const [adding, setAdding] = useState(false)
  const { role } = useSession()
  return (
    <AdminPage title="Experiments" fill actions={atLeast(role, 'admin') ? <Button look="primary" icon="plus" onClick={() => setAdding(true)}>New experiment</Button> : undefined}>
      <Experiments {...props} />
      {adding && <NewExperiment onClose={() => setAdding(false)} onDone={(experiment) => props.onChange({ experiment }, false)} />}
    </AdminPage>
  )
}

function Experiments({ search, onChange }: Props) {
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(experimentsQuery)
  const opener = useRef<HTMLElement | null>(null)
  const current = search.experiment
  const open = (id: string) => {
    opener.current = document.activeElement instanceof HTMLElement ? document.activeElement : null
    onChange({ experiment: id }, current !== undefined)
  }
  const close = () => {
    onChange({ experiment: undefined }, false)
    opener.current?.focus()
  }
  useShortcuts(current === undefined ? [] : [{ keys: 'esc', label: 'Close the experiment', group: 'Experiments', run: close }])
  const all = data?.pages.flatMap((page) => page.items) ?? []
  return (
    <div className={styles.panes} data-open={current !== undefined}>
      <section className={`${styles.list} ${styles.scrolls}`} aria-label="Experiments">
        <div className={styles.content}>
          {error !== null ? <ErrorState error={error} what="The experiments" onRetry={() => void refetch()} />
            : isPending ? <Skeleton rows={4} label="Loading experiments" />
            : all.length === 0 ? <EmptyState title="No experiments yet">An experiment shows leads one of two or more variants, by chance alone, and says which one does better.</EmptyState>
            : (
              <Table
                label="Experiments" rows={all} rowKey={(one) => one.id}
                columns={[
                  { id: 'name', label: 'Experiment', cell: (one) => <button type="button" className={styles.link} aria-current={one.id === current ? true : undefined} onClick={() => open(one.id)}>{one.name}</button> },
                  { id: 'state', label: 'State', cell: (one) => (one.ended_at == null ? <Chip look="ok">Running</Chip> : <Chip>Ended</Chip>) },
                  { id: 'variants', label: 'Variants', cell: (one) => one.variants.map(({ name, weight }) => `${name} ${weight}`).join(', ') },
                  { id: 'since', label: 'Since', align: 'end', cell: (one) => <Time at={one.created_at} /> },
                ]}
              />
            )}
          {hasNextPage && <div><Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button></div>}
        </div>
      </section>
      {current !== undefined && <ExperimentPanel id={current} onClose={close} />}
    </div>
  )
}
