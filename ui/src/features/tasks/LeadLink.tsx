// A lead by name, as a link to its page.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { leadQuery } from '~/features/leads/queries'
import { leadName } from '~/format/words'

export function LeadLink({ id }: { id: string }) {
  const { data, isError } = useQuery(leadQuery(id))
  if (isError) return <>a lead that is gone</>
  return <Link to="/leads/$id" params={{ id }}>{data === undefined ? 'a lead' : leadName(data)}</Link>
}
