// Models: which are live, what they are worth, and whether the world has moved away from them.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { refused } from '~/components/Refusal'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { decimal, percent, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import { AdminPage } from './AdminPage'
import styles from './Admin.module.css'
import { Drift } from './Drift'
import { held, heldOf, pricedOf } from './measured'
import { chosen } from './load'
import { evaluationQuery, modelsQuery } from './queries'
import type { ModelsUrl } from './url'
import { Worth } from './Worth'

type Model = Schema<'LiveModelOut'>

export function ModelsPage({ search }: { search: ModelsUrl }) {
  return <AdminPage title="Models"><Models search={search} /></AdminPage>
}

function Models({ search }: { search: ModelsUrl }) {
  const { data, isPending, error, refetch } = useQuery(modelsQuery)
  if (isPending) return <Skeleton rows={6} label="Loading models" />
  if (error !== null) return <div className={styles.content}><ErrorState error={error} what="The models" onRetry={() => void refetch()} /></div>
  const current = chosen(data, search)
  return (
    <div className={styles.content}>
      <nav className={styles.models} aria-label="Live models">
        {data.map((model) => (
          <Link
            key={`${model.kind} ${model.market ?? ''}`} to="/admin/models" search={{ kind: model.kind, market: model.market ?? undefined }} className={styles.model}
            aria-current={model === current ? true : undefined}
          >
            <b>{nameOf(model)}</b>
            <span className={styles.quiet}>{model.trained_at == null ? 'The documented prior, not trained yet' : <>Trained <Time at={model.trained_at} /> ago from {plural(model.n, model.kind === 'price' ? 'sale' : 'lead')}</>}</span>
            <span>{inShort(model)}</span>
          </Link>
        ))}
      </nav>
      {current === undefined ? <EmptyState title="No models yet">They appear with the first leads and sales to learn from.</EmptyState> : <Of key={`${current.kind} ${current.market ?? ''}`} model={current} />}
    </div>
  )
}

function nameOf({ kind, market }: Model): string {
  return market == null ? sentence(kind) : `${sentence(kind)}, ${market}`
}

/** The one number by which the kind of model is judged. */
function inShort({ metrics }: Model): string {
  const priced = pricedOf(held(metrics))
  if (priced !== null) return `Median error ${percent(priced.medianError, 1)}`
  const measured = heldOf(held(metrics))
  return measured === null ? '' : `Area under the curve ${decimal(measured.auc, 3)}`
}

function Of({ model }: { model: Model }) {
  const { role } = useSession()
  const { data, isPending, error, refetch } = useQuery(evaluationQuery(model.kind, model.market ?? undefined))
  return (
    <>
      <section className={styles.part} aria-label={nameOf(model)}>
        <div className={styles.head}>
          <div>
            <h2>{nameOf(model)}</h2>
            <p className={styles.quiet}>Version {model.version}</p>
          </div>
          {atLeast(role, 'admin') && <Review model={model} />}
        </div>
        {error !== null ? <ErrorState error={error} what="The evaluation" onRetry={() => void refetch()} /> : isPending ? <Skeleton rows={5} label="Loading the evaluation" /> : <Worth of={data} />}
      </section>
      {model.kind !== 'price' && model.trained_at != null && <Drift kind={model.kind} />}
    </>
  )
}

/** Looks at the model now instead of at its usual time. */
function Review({ model: { kind, market } }: { model: Model }) {
  const client = useQueryClient()
  const { mutate, data, isPending } = useMutation({
    mutationFn: () => take(api.POST('/api/v1/models/{kind}/review', { params: { path: { kind }, query: { market: market ?? undefined } } })),
    onSuccess: async () => {
      toast('Review queued')
      await client.invalidateQueries({ queryKey: key('jobs') })
    },
    onError: (error) => toast(refused(error, 'The review'), { look: 'error' }),
  })
  return (
    <div className={styles.buttons}>
      {data !== undefined && <Link to="/admin/jobs" search={{ state: 'done', job: data.job_id }}>What it found</Link>}
      <Button disabled={isPending} onClick={() => mutate()}>Review now</Button>
    </div>
  )
}
