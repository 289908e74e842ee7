// `/homes/ID?what&without`: one home and what it is worth.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { HomePage } from '~/features/estimates/HomePage'
import { analysesQuery, estimateQuery, historyQuery, interestedQuery } from '~/features/estimates/queries'
import { homeUrl } from '~/features/estimates/url'
import { homeQuery } from '~/features/homes/home'

export const Route = createFileRoute('/_app/homes/$id')({
  validateSearch: homeUrl,
  loader: async ({ context: { client }, params: { id } }) => {
    const home = client.query({ ...homeQuery(id), staleTime: 'static' })
    // Together, so that nothing shifts; each part says by itself when it failed.
    const parts = Promise.allSettled([
      client.query({ ...estimateQuery(id), staleTime: 'static' }),
      client.query({ ...historyQuery(id), staleTime: 'static' }),
      client.query({ ...interestedQuery(id), staleTime: 'static' }),
      client.query({ ...analysesQuery(id), staleTime: 'static' }),
    ])
    await Promise.all([home, parts])
  },
  component: Home,
  errorComponent: routeError('The home'),
})

function Home() {
  const { id } = Route.useParams()
  const navigate = Route.useNavigate()
  return <HomePage key={id} id={id} search={Route.useSearch()} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })} />
}
