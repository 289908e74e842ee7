// `/searches?lead&new&search&days`: saved searches.
import { createFileRoute } from '@tanstack/react-router'
import { ready } from '~/api/query'
import { routeError } from '~/components/states'
import { searchesQuery } from '~/features/searches/queries'
import { SearchesPage } from '~/features/searches/SearchesPage'
import { searchesUrl } from '~/features/searches/url'

export const Route = createFileRoute('/_app/searches')({
  validateSearch: searchesUrl,
  // The open one is fetched by its panel; a change of it does not load the list again.
  loaderDeps: ({ search: { lead } }) => ({ lead }),
  loader: ({ context: { client }, deps: { lead } }) => ready(client.infiniteQuery(searchesQuery(lead))),
  component: Searches,
  errorComponent: routeError('The saved searches'),
})

function Searches() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <SearchesPage search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })} />
}
