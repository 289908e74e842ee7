// `/notifications?show`: what the reader was told.
import { createFileRoute } from '@tanstack/react-router'
import { ready } from '~/api/query'
import { routeError } from '~/components/states'
import { NotificationsPage } from '~/features/notifications/NotificationsPage'
import { notificationsQuery } from '~/features/notifications/queries'
import { notificationsUrl } from '~/features/notifications/url'

export const Route = createFileRoute('/_app/notifications')({
  validateSearch: notificationsUrl,
  loaderDeps: ({ search: { show } }) => ({ show }),
  loader: ({ context: { client }, deps: { show } }) => ready(client.infiniteQuery(notificationsQuery(show === 'unread' ? true : undefined))),
  component: Notifications,
  errorComponent: routeError('The notifications'),
})

function Notifications() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <NotificationsPage search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
}
