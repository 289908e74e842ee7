// `/markets?q`: all markets.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { MarketsPage } from '~/features/markets/MarketsPage'
import { marketsQuery } from '~/features/markets/queries'
import { marketsUrl } from '~/features/markets/url'

export const Route = createFileRoute('/_app/markets/')({
  validateSearch: marketsUrl,
  loader: async ({ context: { client } }) => {
    await client.query({ ...marketsQuery, staleTime: 'static' })
  },
  component: Markets,
  errorComponent: routeError('The markets'),
})

function Markets() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <MarketsPage search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
}
