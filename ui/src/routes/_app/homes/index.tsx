// `/homes?market&bbox&z&price&beds&type&status&poly&sort&sel&marks…`: property search.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { HomesPage } from '~/features/homes/HomesPage'
import { marksQuery } from '~/features/homes/marks'
import { homesQuery, marketsQuery } from '~/features/homes/queries'
import { homesUrl } from '~/features/homes/url'

export const Route = createFileRoute('/_app/homes/')({
  validateSearch: homesUrl,
  loaderDeps: ({ search: { market } }) => ({ market }),
  loader: async ({ context: { client }, deps, location }) => {
    void client.query({ ...marksQuery, staleTime: 'static' }).catch(() => undefined)
    const { items } = await client.query({ ...marketsQuery, staleTime: 'static' })
    const market = deps.market ?? items[0]?.slug ?? null
    const search = homesUrl(location.search)
    if (market !== null && search.marks === undefined) void client.infiniteQuery(homesQuery(market, search)).catch(() => undefined)
    return { market }
  },
  component: Homes,
  errorComponent: routeError('The homes'),
})

function Homes() {
  const search = Route.useSearch()
  const { market } = Route.useLoaderData()
  const navigate = Route.useNavigate()
  return <HomesPage market={market} search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace, resetScroll: false })} />
}
