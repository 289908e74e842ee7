// `/admin/jobs?state&job`
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { JobsPage } from '~/features/admin/JobsPage'
import { jobsUrl } from '~/features/admin/url'

export const Route = createFileRoute('/_app/admin/jobs')({ validateSearch: jobsUrl, component: Jobs, errorComponent: routeError('The jobs') })

function Jobs() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <JobsPage search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })} />
}
