// `/reference?op&schema&q`: the reference of the API. Its address is the name of this file and the `to` in navigation.ts.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { ReferencePage } from '~/features/reference/ReferencePage'
import { referenceUrl } from '~/features/reference/url'

export const Route = createFileRoute('/_app/reference')({
  validateSearch: referenceUrl,
  loader: async ({ context: { client } }) => {
    // What reads the description comes with the page, not with the frame.
    const { referenceQuery } = await import('~/features/reference/queries')
    await client.query({ ...referenceQuery, staleTime: 'static' })
  },
  component: Reference,
  errorComponent: routeError('The description of the API'),
})

function Reference() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <ReferencePage search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })} />
}
