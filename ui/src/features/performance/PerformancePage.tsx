// How the server does: the last hour as charts, routes, store, jobs and readers of the log.
import { useQuery } from '@tanstack/react-query'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { EmptyState, ErrorState, Forbidden, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { count } from '~/format/numbers'
import { clock, span } from '~/format/time'
import { Page, type KeyNumber } from '~/shell/Page'
import { atLeast, useSession } from '~/state/session'
import { Charts } from './Charts'
import { Field } from './Field'
import { Caches, Followers, Jobs, Node, Store } from './Insides'
import styles from './Performance.module.css'
import { historyQuery, summaryQuery, type Summary } from './queries'
import { Routes } from './Routes'
import { steps, type PerformanceUrl } from './url'
import { lasting, pace } from './words'

interface Props {
  search: PerformanceUrl
  /** Changes the address; `replace` leaves no step for Back. */
  onChange: (change: Partial<PerformanceUrl>, replace?: boolean) => void
}

export function PerformancePage(props: Props) {
  const { role } = useSession()
  if (!atLeast(role, 'admin')) return <Page title="Performance"><Forbidden what="Performance" needs="admin" /></Page>
  return <Allowed {...props} />
}

function Allowed({ search, onChange }: Props) {
  const summary = useQuery(summaryQuery)
  const { data } = summary
  return (
    <Page title="Performance" numbers={data === undefined ? [] : numbersOf(data)}>
      <div className={styles.page}>
        <History search={search} onChange={onChange} />
        {summary.isError && data === undefined ? <ErrorState error={summary.error} what="The figures" onRetry={() => void summary.refetch()} />
          : data === undefined ? <Skeleton rows={8} label="Loading the figures" />
          : (
            <>
              <Routes summary={data} sort={search.sort} onSort={(sort) => onChange({ sort })} />
              <Field pages={data.pages} />
              <div className={styles.columns}>
                <div className={styles.column}><Store of={data.store} /></div>
                <div className={styles.column}><Followers of={data.followers} /><Jobs of={data.jobs} /><Caches of={data.caches} /><Node of={data} /></div>
              </div>
              <p className={styles.quiet}>As of <Time at={data.at} style="exact" />, asked for again every 10 s. Of the node that answered; others may do otherwise.</p>
            </>
          )}
      </div>
    </Page>
  )
}

function numbersOf({ requests: { p95_ms, rate, errors }, window_seconds: seconds, uptime_seconds: up }: Summary): KeyNumber[] {
  return [
    { label: '95 of 100 within', value: <span title={`In the last ${span(seconds * 1000)}`}>{lasting(p95_ms)}</span> },
    { label: 'Requests a second', value: pace(rate) },
    { label: 'Failed', value: count(errors), hot: errors > 0 },
    { label: 'Up for', value: span(up * 1000) },
  ]
}

const LABELS: Record<(typeof steps)[number], string> = { 10: '10 s', 30: '30 s', 60: '1 min', 300: '5 min' }

function History({ search, onChange }: Props) {
  const { data, isPending, error, refetch } = useQuery(historyQuery(search))
  const hasSpan = search.from !== undefined || search.to !== undefined
  const last = data?.items.at(-1)
  const ago = last === undefined ? 0 : Date.now() - new Date(last.at).getTime()
  return (
    <section className={styles.part} aria-label="The last hour">
      <div className={styles.head}>
        <p className={styles.quiet}>
          {!hasSpan ? 'The last hour; drag over a chart to look closer.' : `From ${words(search.from)} to ${words(search.to)}.`}
          {!hasSpan && ago > STALE && ' Nothing new has come for a while: these are the last samples.'}
        </p>
        <span className={styles.tools}>
          <Choice legend="A point is" hideLegend value={search.every ?? '10'} options={steps.map((one) => [one, LABELS[one]])} onChange={(every) => onChange({ every: every === '10' ? undefined : every })} />
          {hasSpan && <Button look="plain" icon="undo" onClick={() => onChange({ from: undefined, to: undefined })}>The last hour</Button>}
        </span>
      </div>
      {error !== null && data === undefined ? <ErrorState error={error} what="The last hour" onRetry={() => void refetch()} />
        : isPending ? <div className={styles.waiting}><Skeleton rows={6} label="Loading the last hour" /></div>
        : data.items.length === 0 ? (
          <div className={hasSpan ? undefined : styles.waiting}>
            <EmptyState title="No samples in this span" action={hasSpan ? <Button onClick={() => onChange({ from: undefined, to: undefined })}>The last hour</Button> : undefined}>
              A sample is taken every ten seconds and kept for an hour; they begin anew with the server.
            </EmptyState>
          </div>
        )
        : <Charts samples={data.items} onRange={(from, to) => onChange({ from: new Date(from).toISOString(), to: new Date(to).toISOString() }, false)} />}
    </section>
  )
}

// Three samples that did not come.
const STALE = 35_000

function words(moment: string | undefined): string {
  return moment === undefined ? 'now' : clock(new Date(moment))
}
