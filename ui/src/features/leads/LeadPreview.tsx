// The panel beside the inbox: one lead, what to do next, why it has its score, what happened last.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { buttonClass, IconButton } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { leadName, sentence } from '~/format/words'
import styles from './Inbox.module.css'
import { Lookers } from './Lookers'
import { NextStepCard } from './NextStepCard'
import { leadQuery, type Lead } from './queries'
import { Why } from './Why'
import { Timeline } from './Timeline'
import { wishes } from './words'

export default function LeadPreview({ id, onClose }: { id: string; onClose: () => void }) {
  const lead = useQuery(leadQuery(id))
  const { data } = lead
  return (
    // The panel scrolls and may hold nothing that takes the focus.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <aside className={styles.preview} aria-label={data === undefined ? 'Lead' : leadName(data)} tabIndex={0}>
      <div className={styles.head}>
        <div>
          <h2>{data === undefined ? 'Lead' : <Link to="/leads/$id" params={{ id }} className={styles.name}>{leadName(data)}</Link>}</h2>
          <p className={styles.quiet}>{data === undefined ? ' ' : about(data)}</p>
        </div>
        <span className={styles.side}><Lookers topic={`lead:${id}`} /><IconButton icon="close" label="Close" keys="esc" onClick={onClose} /></span>
      </div>
      {data?.merged_into != null ? <p>Merged into <Link to="/leads/$id" params={{ id: data.merged_into }}>another lead</Link>.</p> : lead.isError ? <ErrorState error={lead.error} what="The lead" onRetry={() => void lead.refetch()} /> : (
        <>
          {data === undefined ? <Skeleton rows={3} label="Loading the lead" /> : (
            <>
              <NextStepCard lead={data}>
                <Link to="/leads/$id" params={{ id }} className={buttonClass('outline')}>Open the lead</Link>
              </NextStepCard>
              <Contact lead={data} />
            </>
          )}
          <Why id={id} most={8} />
          <section>
            <h3>Timeline</h3>
            <Timeline id={id} limit={8} />
          </section>
        </>
      )}
    </aside>
  )
}

/** What a lead looks for and where it stands, in one line. */
export function about(lead: Lead): string {
  const wanted = wishes(lead.preferences)
  const parts = [lead.stage == null ? null : sentence(lead.stage), lead.source == null ? null : `from ${lead.source}`, lead.market, wanted === '' ? null : wanted]
  return parts.filter((part) => part != null).join(', ')
}

function Contact({ lead: { phone, email } }: { lead: Lead }) {
  if (phone == null && email == null) return null
  return (
    <p className={styles.contact}>
      {phone != null && <a href={`tel:${phone}`}>{phone}</a>}
      {email != null && <a href={`mailto:${email}`}>{email}</a>}
    </p>
  )
}
