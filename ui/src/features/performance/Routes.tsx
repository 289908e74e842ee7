// What each route of the API has cost in the last minutes.
import { useState } from 'react'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { Table } from '~/components/Table'
import { csv } from '~/format/csv'
import { count } from '~/format/numbers'
import { span } from '~/format/time'
import { download } from '~/state/download'
import styles from './Performance.module.css'
import type { RouteFigures, Summary } from './queries'
import type { PerformanceUrl } from './url'
import { lasting, ordered, pace } from './words'

interface Props {
  summary: Summary
  sort: PerformanceUrl['sort']
  onSort: (sort: PerformanceUrl['sort']) => void
}

const FIRST = 12
/** What the server calls every address that is none of the API's. */
const PAGES = '/{*path}'

export function Routes({ summary: { routes, window_seconds: seconds }, sort, onSort }: Props) {
  const [all, setAll] = useState(false)
  const rows = ordered(routes, sort)
  const shown = all ? rows : rows.slice(0, FIRST)
  return (
    <section className={styles.part} aria-labelledby="routes">
      <div className={styles.head}>
        <h2 id="routes">Routes <small>in the last {span(seconds * 1000)}</small></h2>
        <span className={styles.tools}>
          <Choice legend="Order" hideLegend value={sort ?? 'busiest'} options={[['busiest', 'Busiest'], ['slowest', 'Slowest'], ['failing', 'Failing']]} onChange={(value) => onSort(value === 'busiest' ? undefined : value)} />
          <Button look="plain" icon="download" onClick={() => download('routes.csv', asCsv(rows))}>Download CSV</Button>
        </span>
      </div>
      {rows.length === 0 ? <p className={styles.quiet}>No route was called yet.</p> : (
        <Table
          label="Routes" rows={shown} rowKey={({ method, route }) => `${method} ${route}`}
          columns={[
            { id: 'route', label: 'Route', cell: ({ method, route }) => (route === PAGES ? 'Web pages and their files' : <code className={styles.route}><b>{method}</b> {route.replace('/api/v1', '')}</code>) },
            { id: 'requests', label: 'Calls', align: 'end', cell: ({ requests }) => count(requests) },
            { id: 'rate', label: 'A second', align: 'end', cell: ({ rate }) => pace(rate) },
            { id: 'p50', label: 'Half within', align: 'end', cell: ({ p50_ms }) => lasting(p50_ms) },
            { id: 'p95', label: '95 of 100', align: 'end', cell: ({ p95_ms }) => lasting(p95_ms) },
            { id: 'p99', label: '99 of 100', align: 'end', cell: ({ p99_ms }) => lasting(p99_ms) },
            { id: 'refused', label: 'Refused', align: 'end', cell: ({ refused }) => count(refused) },
            { id: 'errors', label: 'Failed', align: 'end', cell: ({ errors }) => <span className={errors > 0 ? styles.hot : undefined}>{count(errors)}</span> },
            { id: 'total', label: 'Since the start', align: 'end', cell: ({ total }) => count(total) },
          ]}
        />
      )}
      {rows.length > shown.length && <div><Button onClick={() => setAll(true)}>Show {count(rows.length - shown.length)} more</Button></div>}
    </section>
  )
}

function asCsv(rows: readonly RouteFigures[]): string {
  const heading = ['method', 'route', 'requests', 'rate', 'p50_ms', 'p95_ms', 'p99_ms', 'refused', 'errors', 'total']
  return csv(heading, rows.map((one) => [one.method, one.route, one.requests, one.rate, one.p50_ms, one.p95_ms, one.p99_ms, one.refused, one.errors, one.total]))
}
