// A lead that was merged into another: where it has gone, and the way back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '~/components/Button'
import { EmptyState } from '~/components/states'
import { leadName } from '~/format/words'
import { Page } from '~/shell/Page'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import { reason } from './changes'
import { undoMerge } from './merges'
import { leadQuery, type Lead } from './queries'

export function MergedLead({ lead, into }: { lead: Lead; into: string }) {
  const client = useQueryClient()
  const canChange = atLeast(useSession().role, 'agent')
  const { data: other } = useQuery(leadQuery(into))
  const name = other === undefined ? 'another lead' : leadName(other)
  const undo = useMutation({
    mutationFn: () => undoMerge(client, lead.id),
    onSuccess: () => toast(`${leadName(lead)} is a lead again`),
    onError: (error) => toast(`Not undone. ${reason(error)}`, { look: 'error' }),
  })
  return (
    <Page title={leadName(lead)}>
      <EmptyState
        title={`Merged into ${name}`}
        action={(
          <>
            <Link to="/leads/$id" params={{ id: into }} className={buttonClass('primary')}>Open {name}</Link>
            {canChange && <Button icon="undo" disabled={undo.isPending} onClick={() => undo.mutate()}>Undo the merge</Button>}
          </>
        )}
      >
        They are the same person: what was known of {leadName(lead)} is there now.
      </EmptyState>
    </Page>
  )
}
