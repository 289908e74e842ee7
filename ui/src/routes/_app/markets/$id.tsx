// `/markets/$id?metric&from&to&beside&poly&sold`: one market.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { hasHomes } from '~/features/markets/Accuracy'
import { MarketPage } from '~/features/markets/MarketPage'
import { accuracyQuery, marketQuery, seriesQuery } from '~/features/markets/queries'
import { marketUrl, metricOf } from '~/features/markets/url'

export const Route = createFileRoute('/_app/markets/$id')({
  validateSearch: marketUrl,
  loaderDeps: ({ search: { metric } }) => ({ metric }),
  loader: async ({ context: { client }, params: { id }, deps }) => {
    const market = await client.query({ ...marketQuery(id), staleTime: 'static' })
    const metric = metricOf(market.metrics, deps)
    // What fails here is told in its place. The forecast may take seconds, so nobody waits for it.
    await Promise.allSettled([hasHomes(market) ? client.query({ ...accuracyQuery(id), staleTime: 'static' }) : null, metric === undefined ? null : client.query({ ...seriesQuery(id, metric), staleTime: 'static' })])
  },
  component: Market,
  errorComponent: routeError('The market'),
})

function Market() {
  const { id } = Route.useParams()
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <MarketPage id={id} search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }) })} />
}
