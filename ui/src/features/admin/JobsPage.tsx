// Jobs: what the server works on, and the dead letters that somebody has to look at.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useCallback, useMemo, useRef } from 'react'
import type { Schema } from '~/api/client'
import { useTopics } from '~/api/topics'
import { Choice } from '~/components/Choice'
import { DataGrid, type Column, type GridHandle } from '~/components/DataGrid'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { count, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import { useShortcuts } from '~/keyboard/registry'
import { atLeast, useSession } from '~/state/session'
import { AdminPage } from './AdminPage'
import styles from './Admin.module.css'
import { JobPanel } from './JobPanel'
import { jobsQuery } from './queries'
import { states, type JobsUrl } from './url'

type Job = Schema<'JobOut'>

interface Props {
  search: JobsUrl
  onChange: (change: Partial<JobsUrl>, replace?: boolean) => void
}

export function JobsPage(props: Props) {
  const { role } = useSession()
  const { data, hasNextPage } = useInfiniteQuery({ ...jobsQuery('dead'), enabled: atLeast(role, 'admin') })
  const dead = data?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0
  return <AdminPage title="Jobs" numbers={[{ label: 'Dead letters', value: `${count(dead)}${hasNextPage ? ' or more' : ''}`, hot: dead > 0 }]} fill><Jobs {...props} /></AdminPage>
}

const columns: readonly Column<Job>[] = [
  { id: 'kind', label: 'Job', width: 'minmax(150px, 1fr)', cell: (job) => <b>{sentence(job.kind)}</b> },
  { id: 'state', label: 'State', width: '110px', cell: (job) => <JobState of={job} /> },
  { id: 'attempts', label: 'Attempts', width: '76px', align: 'end', cell: (job) => count(job.attempts) },
  { id: 'error', label: 'Last error', width: 'minmax(160px, 2fr)', cell: (job) => <span className={styles.quiet}>{job.last_error}</span> },
  { id: 'created', label: 'Asked for', width: '84px', align: 'end', cell: (job) => <Time at={job.created_at} /> },
]

const looks: Record<string, 'ok' | 'warm' | 'hot' | 'cool' | 'neutral'> = { ready: 'cool', running: 'cool', done: 'ok', dead: 'hot', cancelled: 'warm' }

export function JobState({ of: { state, cancel_asked_at: asked } }: { of: Job }) {
  return <Chip look={looks[state] ?? 'neutral'}>{state === 'running' && asked != null ? 'Stopping' : state === 'ready' ? 'Waiting' : sentence(state)}</Chip>
}

const empty: Record<Schema<'JobState'>, readonly [string, string]> = {
  dead: ['No dead letters', 'A job that fails again and again ends here, with its error, to be replayed or dropped.'],
  ready: ['Nothing waits', 'Jobs that wait for their turn or for their time stand here.'],
  running: ['Nothing is running', 'What the server works on right now stands here.'],
  done: ['Nothing is done yet', 'Finished jobs stay here for a while.'],
  cancelled: ['Nothing was cancelled', 'Jobs that somebody stopped stand here.'],
}

function Jobs({ search, onChange }: Props) {
  useTopics(['jobs'])
  const state = search.state ?? 'dead'
  const { data, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(jobsQuery(state))
  const rows = useMemo(() => data?.pages.flatMap((page) => page.items) ?? [], [data])
  const grid = useRef<GridHandle>(null)
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage()
  }, [hasNextPage, isFetchingNextPage, fetchNextPage])
  const open = search.job
  const close = () => {
    onChange({ job: undefined }, false)
    grid.current?.focusRow(rows.findIndex((row) => row.id === open))
  }
  useShortcuts(open === undefined ? [] : [{ keys: 'esc', label: 'Close the job', group: 'Jobs', run: close }])
  const [title, text] = empty[state]
  return (
    <div className={styles.panes} data-open={open !== undefined}>
      <section className={styles.list} aria-label="Jobs">
        <div className={styles.bar}>
          <Choice legend="State" hideLegend value={state} onChange={(value) => onChange({ state: value === 'dead' ? undefined : value, job: undefined })} options={states.map((one) => [one, one === 'dead' ? 'Dead letters' : one === 'ready' ? 'Waiting' : sentence(one)])} />
        </div>
        {error !== null ? <div className={styles.content}><ErrorState error={error} what="The jobs" onRetry={() => void refetch()} /></div>
          : isPending ? <Skeleton rows={8} label="Loading jobs" />
          : rows.length === 0 ? <div className={styles.content}><EmptyState title={title}>{text}</EmptyState></div>
          : (
            <DataGrid
              ref={grid} main label="Jobs" columns={columns} rows={rows} rowKey={(job) => job.id} leastWidth={640} scrollId="jobs" current={open} onEnd={more}
              rowLabel={(job) => `${sentence(job.kind)}, ${job.state}, ${plural(job.attempts, 'attempt')}${job.last_error == null ? '' : `, ${job.last_error}`}`}
              onOpen={(job) => onChange({ job: job.id }, open !== undefined)}
              compact={(job) => <><b>{sentence(job.kind)}</b> <JobState of={job} /><div className={`${styles.line} ${styles.quiet}`}>{job.last_error ?? <Time at={job.created_at} />}</div></>}
            />
          )}
      </section>
      {open !== undefined && <JobPanel id={open} onClose={close} />}
    </div>
  )
}
