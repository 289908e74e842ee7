// `/import?kind&market&import`: bringing data in.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { ImportPage } from '~/features/imports/ImportPage'
import { importUrl } from '~/features/imports/url'

export const Route = createFileRoute('/_app/import')({
  validateSearch: importUrl,
  component: Import,
  errorComponent: routeError('The imports'),
})

function Import() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <ImportPage search={search} onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })} />
}
