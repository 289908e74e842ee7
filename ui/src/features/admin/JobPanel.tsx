// One job beside the list: what it is to do, why it failed, and what can be done about it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { Button, IconButton } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { refused } from '~/components/Refusal'
import { ErrorState, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { count, percent } from '~/format/numbers'
import { sentence } from '~/format/words'
import { toast } from '~/state/toasts'
import styles from './Admin.module.css'
import { JobState } from './JobsPage'
import { jobQuery } from './queries'

type Job = Schema<'JobOut'>

export function JobPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(jobQuery(id))
  return (
    // The panel scrolls and may hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside className={styles.panel} aria-label={data === undefined ? 'Job' : sentence(data.kind)} tabIndex={0}>
      <div className={styles.head}>
        <h2>{data === undefined ? 'Job' : sentence(data.kind)}</h2>
        <IconButton icon="close" label="Close" keys="esc" onClick={onClose} />
      </div>
      {error !== null ? <ErrorState error={error} what="The job" onRetry={() => void refetch()} /> : data === undefined ? <Skeleton rows={4} label="Loading the job" /> : <Shown job={data} onGone={onClose} />}
    </aside>
  )
}

function Shown({ job, onGone }: { job: Job; onGone: () => void }) {
  return (
    <>
      <Actions job={job} onGone={onGone} />
      {job.progress != null && <HowFar of={job.progress} />}
      {job.last_error != null && <p className={styles.failed}>{job.last_error}</p>}
      <dl className={styles.facts}>
        <dt>State</dt><dd><JobState of={job} /></dd>
        <dt>Attempts</dt><dd>{count(job.attempts)}</dd>
        <dt>Asked for</dt><dd><Time at={job.created_at} style="exact" /></dd>
        <dt>{job.state === 'ready' ? 'Runs' : 'Ran'}</dt><dd><Time at={job.run_at} style="exact" /></dd>
        <dt>Id</dt><dd><code>{job.id}</code></dd>
      </dl>
      <Json title="What it is to do" value={job.body} />
      {job.result != null && <Json title="What it brought" value={job.result} />}
    </>
  )
}

function HowFar({ of: { phase, done } }: { of: Schema<'ProgressOut'> }) {
  return (
    <div className={styles.howFar}>
      <progress value={done} max={1} aria-label="How far the job is" />
      <span className={styles.quiet}>{sentence(phase)}, {percent(done)} done</span>
    </div>
  )
}

export function Json({ title, value }: { title: string; value: unknown }) {
  return (
    <section className={styles.part}>
      <h3>{title}</h3>
      {/* It may be long, and then it scrolls. */}
      {/* eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
      <pre className={styles.code} tabIndex={0} aria-label={title}>{JSON.stringify(value, null, 2)}</pre>
    </section>
  )
}

function Actions({ job, onGone }: { job: Job; onGone: () => void }) {
  const client = useQueryClient()
  const [dropping, setDropping] = useState(false)
  const path = { id: job.id }
  const done = async (text: string) => {
    toast(text)
    await client.invalidateQueries({ queryKey: key('jobs') })
  }
  const onError = (error: unknown) => toast(refused(error, 'The job'), { look: 'error' })
  const replay = useMutation({ mutationFn: () => take(api.POST('/api/v1/admin/jobs/{id}/replay', { params: { path } })), onSuccess: () => done('Put back into the queue'), onError })
  const cancel = useMutation({ mutationFn: () => take(api.POST('/api/v1/admin/jobs/{id}/cancel', { params: { path } })), onSuccess: (after) => done(after.state === 'cancelled' ? 'Cancelled' : 'Asked to stop'), onError })
  const drop = useMutation({
    mutationFn: () => take(api.DELETE('/api/v1/admin/jobs/{id}', { params: { path } })),
    onSuccess: async () => {
      onGone()
      await done('Dropped')
    },
    onError,
  })
  if (job.state === 'dead') {
    return (
      <div className={styles.buttons}>
        <Button look="primary" icon="undo" disabled={replay.isPending} onClick={() => replay.mutate()}>Replay</Button>
        <Button look="danger" onClick={() => setDropping(true)}>Drop</Button>
        {dropping && (
          <Dialog title="Drop the job" onClose={() => setDropping(false)} foot={<><Button onClick={() => setDropping(false)}>Keep it</Button><Button look="danger" disabled={drop.isPending} onClick={() => drop.mutate()}>Drop it</Button></>}>
            <p>It is forgotten and never runs again.</p>
          </Dialog>
        )}
      </div>
    )
  }
  if (job.state !== 'ready' && job.state !== 'running') return null
  return <div className={styles.buttons}><Button look="danger" disabled={cancel.isPending || job.cancel_asked_at != null} onClick={() => cancel.mutate()}>{job.cancel_asked_at != null ? 'Asked to stop' : 'Cancel'}</Button></div>
}
