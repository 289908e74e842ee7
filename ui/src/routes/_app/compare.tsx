// `/compare?ids&pin`: two to four homes side by side.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { ComparePage } from '~/features/homes/ComparePage'
import { homeQuery } from '~/features/homes/home'
import { compareUrl } from '~/features/homes/url'

export const Route = createFileRoute('/_app/compare')({
  validateSearch: compareUrl,
  loaderDeps: ({ search: { ids } }) => ({ ids }),
  // All at once, so that the columns do not shift; the page says which one is missing.
  loader: ({ context: { client }, deps }) => Promise.allSettled((deps.ids ?? []).map((id) => client.query({ ...homeQuery(id), staleTime: 'static' }))),
  component: Compare,
  errorComponent: routeError('The comparison'),
})

function Compare() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <ComparePage search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
}
