// `/admin/experiments?experiment`
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { ExperimentsPage } from '~/features/admin/ExperimentsPage'
import { experimentsUrl } from '~/features/admin/url'

export const Route = createFileRoute('/_app/admin/experiments')({ validateSearch: experimentsUrl, component: Experiments, errorComponent: routeError('The experiments') })

function Experiments() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <ExperimentsPage search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })} />
}
