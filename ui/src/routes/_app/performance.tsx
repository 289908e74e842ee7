// `/performance?from&to&every&sort`: how the server does.
import { createFileRoute } from '@tanstack/react-router'
import { ready } from '~/api/query'
import { routeError } from '~/components/states'
import { PerformancePage } from '~/features/performance/PerformancePage'
import { historyQuery, summaryQuery } from '~/features/performance/queries'
import { performanceUrl } from '~/features/performance/url'
import { atLeast } from '~/state/session'

export const Route = createFileRoute('/_app/performance')({
  validateSearch: performanceUrl,
  loaderDeps: ({ search: { from, to, every } }) => ({ from, to, every }),
  loader: ({ context: { client, session }, deps }) => {
    if (session === null || !atLeast(session.role, 'admin')) return
    return ready(client.query(summaryQuery), client.query(historyQuery(deps)))
  },
  component: Performance,
  errorComponent: routeError('The performance'),
})

function Performance() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <PerformancePage search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })} />
}
