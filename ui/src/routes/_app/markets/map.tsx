// `/markets/map?market&size&color&metric&view&sort&area&bbox&z`: the bubble map.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { BubblesPage } from '~/features/bubbles/BubblesPage'
import { bubblesUrl } from '~/features/bubbles/url'
import { marketsQuery } from '~/features/homes/queries'

export const Route = createFileRoute('/_app/markets/map')({
  validateSearch: bubblesUrl,
  loaderDeps: ({ search: { market } }) => ({ market }),
  loader: async ({ context: { client }, deps }) => {
    const { items } = await client.query({ ...marketsQuery, staleTime: 'static' })
    // The first one that has homes; a market of series alone has nothing on the map.
    const first = items.find(({ listings }) => Object.values(listings).some((n) => n > 0)) ?? items[0]
    return { market: deps.market ?? first?.slug ?? null }
  },
  component: Bubbles,
  errorComponent: routeError('The bubble map'),
})

function Bubbles() {
  const search = Route.useSearch()
  const { market } = Route.useLoaderData()
  const navigate = Route.useNavigate()
  return <BubblesPage market={market} search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })} />
}
