// `/homes/ID`: one home and what it is worth.
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { HomePage } from '~/features/estimates/HomePage'
import { homeQuery } from '~/features/homes/queries'

export const Route = createFileRoute('/_app/homes/$id')({
  loader: ({ context: { client }, params: { id } }) => client.query({ ...homeQuery(id), staleTime: 'static' }),
  component: Home,
  errorComponent: routeError('The home'),
})

function Home() {
  return <HomePage id={Route.useParams().id} />
}
