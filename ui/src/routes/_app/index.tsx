// `/?band&assignee&market&todo&snoozed&q&sort&lead`: the inbox.
import { createFileRoute } from '@tanstack/react-router'
import { ready } from '~/api/query'
import { routeError } from '~/components/states'
import { InboxPage } from '~/features/leads/InboxPage'
import { leadQuery, leadsQuery, scoreQuery } from '~/features/leads/queries'
import { inboxUrl } from '~/features/leads/url'

export const Route = createFileRoute('/_app/')({
  validateSearch: inboxUrl,
  // The open lead is fetched by its panel; a change of it does not load the list again.
  loaderDeps: ({ search: { band, assignee, market, todo, snoozed, q, sort } }) => ({ band, assignee, market, todo, snoozed, q, sort }),
  loader: ({ context: { client, session }, deps }) => ready(client.infiniteQuery(leadsQuery(deps, session?.user_id ?? null))),
  component: Inbox,
  errorComponent: routeError('The leads'),
})

function Inbox() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  const { client } = Route.useRouteContext()
  return (
    <InboxPage
      search={search}
      onChange={(change, replace = true) => void navigate({ search: (before) => ({ ...before, ...change }), replace })}
      onNear={(id) => {
        for (const query of [client.query(leadQuery(id)), client.query(scoreQuery(id))]) query.catch(() => undefined)
      }}
      onLead={(id) => void navigate({ to: '/leads/$id', params: { id } })}
    />
  )
}
