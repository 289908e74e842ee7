// `/leads/$id?tab&only&ago&course`: one lead.
import { createFileRoute } from '@tanstack/react-router'
import { ready } from '~/api/query'
import { routeError } from '~/components/states'
import { LeadPage } from '~/features/leads/LeadPage'
import { mergesQuery } from '~/features/leads/merges'
import { leadQuery, matchesQuery, scoreQuery, timelineQuery, triggersQuery } from '~/features/leads/queries'
import { leadUrl } from '~/features/leads/url'
import { tasksQuery } from '~/features/tasks/queries'

export const Route = createFileRoute('/_app/leads/$id')({
  validateSearch: leadUrl,
  loader: ({ context: { client }, params: { id } }) => {
    // All of it is asked for at once; the page opens with the lead, and each part shows its own state.
    void ready(client.query(scoreQuery(id)), client.query(matchesQuery(id, 5)), client.infiniteQuery(timelineQuery(id, 50)), client.query(mergesQuery(id)))
    // What stands above the score comes with the lead, so that nothing moves.
    return ready(client.query(leadQuery(id)), client.infiniteQuery(tasksQuery({ lead: id }, null)), client.query(triggersQuery(id)))
  },
  component: Lead,
  errorComponent: routeError('The lead'),
})

function Lead() {
  const { id } = Route.useParams()
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <LeadPage id={id} search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true, resetScroll: false })} />
}
