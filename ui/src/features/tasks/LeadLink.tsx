// A lead by name, also as a link to its page.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { leadQuery } from '~/features/leads/queries'
import { leadName } from '~/format/words'

/** For where a link would be inside something else that is pressed. */
export function LeadName({ id }: { id: string }) {
  const { data, isError } = useQuery(leadQuery(id))
  return isError ? 'a lead that is gone' : data === undefined ? 'a lead' : leadName(data)
}

export function LeadLink({ id }: { id: string }) {
  const { data, isError } = useQuery(leadQuery(id))
  if (isError) return <>a lead that is gone</>
  return <Link to="/leads/$id" params={{ id }}>{data === undefined ? 'a lead' : leadName(data)}</Link>
}
