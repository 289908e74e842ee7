// `/api-docs?op&schema&q`: the reference of the API, open to everybody.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { referenceQuery } from '~/features/reference/queries'
import { ReferencePage } from '~/features/reference/ReferencePage'
import { referenceUrl } from '~/features/reference/url'

export const Route = createFileRoute('/_app/api-docs')({
  validateSearch: referenceUrl,
  loader: async ({ context: { client } }) => {
    await client.query({ ...referenceQuery, staleTime: 'static' })
  },
  component: Reference,
  errorComponent: routeError('The description of the API'),
})

function Reference() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  const { session } = Route.useRouteContext()
  return <ReferencePage guest={session === null} search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })} />
}
