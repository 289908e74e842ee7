// `/tasks?state&assignee&lead`: what is to be done.
import { createFileRoute } from '@tanstack/react-router'
import { ready } from '~/api/query'
import { routeError } from '~/components/states'
import { tasksQuery } from '~/features/tasks/queries'
import { TasksPage } from '~/features/tasks/TasksPage'
import { tasksUrl } from '~/features/tasks/url'

export const Route = createFileRoute('/_app/tasks')({
  validateSearch: tasksUrl,
  loaderDeps: ({ search }) => search,
  loader: ({ context: { client, session }, deps }) => ready(
    client.infiniteQuery(tasksQuery({ ...deps, state: 'open' }, session?.user_id ?? null)),
    ...(deps.state === 'done' ? [client.infiniteQuery(tasksQuery({ ...deps, state: 'done' }, session?.user_id ?? null))] : []),
  ),
  component: Tasks,
  errorComponent: routeError('The tasks'),
})

function Tasks() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <TasksPage search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
}
