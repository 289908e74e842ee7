// In the timeline of a lead: that another was merged into it, with the way back.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from '~/components/Button'
import { Time } from '~/components/Time'
import { leadName } from '~/format/words'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import { reason } from './changes'
import { undoMerge, type Merged } from './merges'
import styles from './Timeline.module.css'

export function MergeEntry({ merged }: { merged: Merged }) {
  const client = useQueryClient()
  const canChange = atLeast(useSession().role, 'agent')
  const undo = useMutation({
    mutationFn: () => undoMerge(client, merged.id),
    onSuccess: () => toast(`${leadName(merged)} is a lead again`),
    onError: (error) => toast(`Not undone. ${reason(error)}`, { look: 'error' }),
  })
  return (
    <li>
      <Time at={merged.at} />
      <span className={styles.head}>
        <span>Merged with {leadName(merged)}</span>
        {canChange && <Button look="plain" disabled={undo.isPending} onClick={() => undo.mutate()}>Undo<span className="unseen"> the merge with {leadName(merged)}</span></Button>}
      </span>
    </li>
  )
}
