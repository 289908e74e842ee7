// One experiment beside the list: what each variant has brought, and its end.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { Button, IconButton } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { Refusal } from '~/components/Refusal'
import { ErrorState, Skeleton } from '~/components/states'
import { Table } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { count, decimal, percent, signed } from '~/format/numbers'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import styles from './Admin.module.css'
import { experimentQuery } from './queries'

type Comparison = Schema<'ComparisonOut'>

const metrics: Record<string, string> = { answered_14d: 'Answered within 14 days', won_90d: 'Won within 90 days', silent_30d: 'Silent for 30 days', lost_90d: 'Lost within 90 days' }

export function ExperimentPanel({ id, onClose }: { id: string; onClose: () => void }) {
  const { data, error, refetch } = useQuery(experimentQuery(id))
  const name = data?.experiment.name ?? 'Experiment'
  return (
    // The panel scrolls and may hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside className={styles.panel} aria-label={name} tabIndex={0}>
      <div className={styles.head}>
        <h2>{name}</h2>
        <IconButton icon="close" label="Close" keys="esc" onClick={onClose} />
      </div>
      {error !== null ? <ErrorState error={error} what="The experiment" onRetry={() => void refetch()} /> : data === undefined ? <Skeleton rows={4} label="Loading the experiment" /> : <Report of={data} />}
    </aside>
  )
}

function Report({ of: { experiment, exposed, comparisons } }: { of: Schema<'ExperimentReportOut'> }) {
  const { role } = useSession()
  const harmed = comparisons.filter((one) => one.harmed)
  return (
    <>
      <dl className={styles.facts}>
        <dt>State</dt><dd>{experiment.ended_at == null ? <Chip look="ok">Running</Chip> : <>Ended <Time at={experiment.ended_at} style="exact" /></>}</dd>
        <dt>Since</dt><dd><Time at={experiment.created_at} style="exact" /></dd>
      </dl>
      {harmed.map((one) => <p key={one.variant + one.metric} className={styles.failed}>{one.variant} does harm: {metrics[one.metric] ?? one.metric} is clearly worse. The experiment should end.</p>)}
      <section className={styles.part}>
        <h3>Shown to</h3>
        <dl className={styles.facts}>{experiment.variants.map(({ name, weight }, at) => [<dt key={name}>{name}{at === 0 ? ' (control)' : ''}</dt>, <dd key={`${name} n`}>{count(exposed[at] ?? 0)} leads, weight {weight}</dd>])}</dl>
      </section>
      <section className={styles.part}>
        <h3>Beside the control</h3>
        <Table
          label="Variants beside the control" rows={comparisons} rowKey={(one) => `${one.variant} ${one.metric}`}
          columns={[
            { id: 'metric', label: 'What', cell: (one) => <>{metrics[one.metric] ?? one.metric}{experiment.variants.length > 2 && <span className={styles.quiet}> {one.variant}</span>}</> },
            { id: 'shown', label: 'Variant', align: 'end', cell: (one) => rate(one.shown) },
            { id: 'control', label: 'Control', align: 'end', cell: (one) => rate(one.control) },
            { id: 'difference', label: 'Difference', align: 'end', cell: (one) => <Difference of={one} /> },
          ]}
        />
        <p className={styles.quiet}>Ranges hold whenever one looks (95%). A difference needs 30 leads on each side.</p>
      </section>
      {experiment.ended_at == null && atLeast(role, 'admin') && <End id={experiment.id} name={experiment.name} />}
    </>
  )
}

function rate({ n, hits }: Schema<'TallyOut'>): string {
  return n === 0 ? '–' : `${percent(hits / n)} of ${count(n)}`
}

function Difference({ of: { difference, interval95, p_value: p } }: { of: Comparison }) {
  if (difference === null) return <span className={styles.quiet}>too few yet</span>
  const [low, high] = (interval95 ?? []).map(Number)
  return (
    <span title={p === null ? undefined : `p ${decimal(p, 3)}`}>
      {signed(difference * 100, 1)} points{low !== undefined && high !== undefined && <><br /><span className={styles.quiet}>{signed(low * 100, 1)} to {signed(high * 100, 1)}</span></>}
    </span>
  )
}

function End({ id, name }: { id: string; name: string }) {
  const client = useQueryClient()
  const [asking, setAsking] = useState(false)
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => take(api.POST('/api/v1/experiments/{id}/end', { params: { path: { id } } })),
    onSuccess: async () => {
      setAsking(false)
      toast(`${name} has ended`)
      await client.invalidateQueries({ queryKey: key('admin', 'experiments') })
    },
  })
  return (
    <div className={styles.buttons}>
      <Button look="danger" onClick={() => setAsking(true)}>End the experiment</Button>
      {asking && (
        <Dialog title={`End ${name}`} onClose={() => setAsking(false)} foot={<><Button onClick={() => setAsking(false)}>Let it run</Button><Button look="danger" disabled={isPending} onClick={() => mutate()}>End it</Button></>}>
          <Refusal error={error} what="The experiment" />
          <p>No further lead is taken in, and it cannot start again. Those in it are judged until their days are over.</p>
        </Dialog>
      )}
    </div>
  )
}
