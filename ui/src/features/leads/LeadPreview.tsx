// The panel beside the inbox: one lead, why it has its score, what happened last.
import { useQuery } from '@tanstack/react-query'
import { IconButton } from '~/components/Button'
import { Reasons } from '~/components/Reasons'
import { ErrorState, Skeleton } from '~/components/states'
import { Time } from '~/components/Time'
import { leadName, sentence } from '~/format/words'
import styles from './Inbox.module.css'
import { leadQuery, scoreQuery, timelineQuery } from './queries'

export function LeadPreview({ id, onClose }: { id: string; onClose: () => void }) {
  const lead = useQuery(leadQuery(id))
  const about = [lead.data?.stage, lead.data?.source].filter((part) => part != null).map((part) => sentence(part)).join(', ')
  return (
    // The panel scrolls and may hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside className={styles.preview} aria-label={lead.data === undefined ? 'Lead' : leadName(lead.data)} tabIndex={0}>
      <div className={styles.head}>
        <div>
          <h2>{lead.data === undefined ? 'Lead' : leadName(lead.data)}</h2>
          <p className={styles.quiet}>{about}</p>
        </div>
        <IconButton icon="close" label="Close" keys="esc" onClick={onClose} />
      </div>
      {lead.isError ? <ErrorState error={lead.error} what="The lead" onRetry={() => void lead.refetch()} /> : <><Why id={id} /><Timeline id={id} /></>}
    </aside>
  )
}

function Why({ id }: { id: string }) {
  const { data, isPending, error, refetch } = useQuery(scoreQuery(id))
  if (isPending) return <Skeleton rows={4} label="Loading the score" />
  if (error !== null) return <ErrorState error={error} what="The score" onRetry={() => void refetch()} />
  return (
    <section>
      <h3>Why {Math.round(data.score)}</h3>
      <Reasons base={data.base} reasons={data.reasons.map(({ feature, label, contribution }) => ({ id: feature, label, amount: contribution }))} digits={2} unit="log odds" />
    </section>
  )
}

function Timeline({ id }: { id: string }) {
  const { data, isPending, error, refetch } = useQuery(timelineQuery(id, 12))
  if (isPending) return <Skeleton rows={6} label="Loading the timeline" />
  if (error !== null) return <ErrorState error={error} what="The timeline" onRetry={() => void refetch()} />
  return (
    <section>
      <h3>Timeline</h3>
      {data.items.length === 0 ? <p className={styles.quiet}>Nothing has happened yet.</p> : (
        <ol className={styles.timeline}>
          {data.items.map((item) => <li key={item.id}><Time at={item.at} />{sentence(item.kind)}</li>)}
        </ol>
      )}
    </section>
  )
}
