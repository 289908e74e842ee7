// `/admin/models?kind&market`
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { loadModels } from '~/features/admin/load'
import { ModelsPage } from '~/features/admin/ModelsPage'
import { modelsUrl } from '~/features/admin/url'

export const Route = createFileRoute('/_app/admin/models')({
  validateSearch: modelsUrl,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { client }, deps }) => loadModels(client, deps),
  component: Models,
  errorComponent: routeError('The models'),
})

function Models() {
  return <ModelsPage search={Route.useSearch()} />
}
