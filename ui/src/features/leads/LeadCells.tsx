// What a row of the inbox shows of a lead.
import { IconButton } from '~/components/Button'
import type { Column } from '~/components/DataGrid'
import { Tier } from '~/components/Tier'
import { Time } from '~/components/Time'
import { decimal } from '~/format/numbers'
import { leadName } from '~/format/words'
import { useNow } from '~/state/now'
import styles from './Inbox.module.css'
import type { Lead } from './queries'
import { readable } from './words'

export const columns: readonly Column<Lead>[] = [
  { id: 'score', label: 'Score', width: '92px', sort: 'score', cell: (lead) => <Score lead={lead} /> },
  { id: 'name', label: 'Lead', width: 'minmax(120px, 1.1fr)', sort: 'name', cell: (lead) => <b>{leadName(lead)}</b> },
  { id: 'why', label: 'Why now', width: 'minmax(130px, 1.5fr)', cell: (lead) => <span className={styles.why}>{lead.top_reason == null ? '' : readable(lead.top_reason)}</span> },
  { id: 'step', label: 'Next step', width: 'minmax(220px, 1.8fr)', cell: (lead) => <NextStep lead={lead} /> },
  { id: 'seen', label: 'Last seen', width: '76px', align: 'end', sort: 'last_interaction_at', cell: (lead) => <LastSeen lead={lead} /> },
]

export const LEAST_WIDTH = 790

/** What a screen reader calls the row. */
export function rowLabel(lead: Lead): string {
  const score = lead.score == null ? 'no score' : `score ${Math.round(lead.score)}`
  const parts = [leadName(lead), score, lead.tier, lead.next_step?.label]
  return parts.filter((part) => part != null).join(', ')
}

export function Score({ lead }: { lead: Lead }) {
  return (
    <span className={styles.score}>
      <span className={styles.figure} title={lead.score == null ? 'Not scored yet' : `${decimal(lead.score, 1)} of 100`}>{lead.score == null ? '–' : Math.round(lead.score)}</span>
      {lead.tier != null && <Tier tier={lead.tier} />}
    </span>
  )
}

/** What to do and since when the lead waits for it. */
function NextStep({ lead }: { lead: Lead }) {
  const { next_step: step } = lead
  if (step == null) return null
  return <span className={styles.step}><span title={step.label}>{step.label}</span><Waiting lead={lead} /></span>
}

/** `4 h`, or `overdue 3 d` once the step should have been done. */
export function Waiting({ lead: { next_step: step, waiting_since: since } }: { lead: Lead }) {
  const now = useNow()
  if (step?.due_at != null && new Date(step.due_at) <= now) return <span className={styles.hot}>overdue <Time at={step.due_at} /></span>
  if (since == null) return null
  return <span className={step?.code === 'answer' ? styles.hot : styles.quiet}><Time at={since} /></span>
}

function LastSeen({ lead }: { lead: Lead }) {
  return <span className={styles.quiet}>{lead.last_interaction_at == null ? 'never' : <Time at={lead.last_interaction_at} />}</span>
}

/** Two lines and a button, on a phone. */
export function CompactRow({ lead, onActions }: { lead: Lead; onActions: (lead: Lead) => void }) {
  return (
    <div className={styles.compact}>
      <span className={styles.figure}>{lead.score == null ? '–' : Math.round(lead.score)}</span>
      <b>{leadName(lead)}</b>
      <Waiting lead={lead} />
      <span className={styles.act}><IconButton icon="more" label={`Actions for ${leadName(lead)}`} tabIndex={-1} onClick={(event) => { event.stopPropagation(); onActions(lead) }} /></span>
      <span className={styles.band}>{lead.tier != null && <Tier tier={lead.tier} />}</span>
      <span className={styles.second}>{[lead.next_step?.label, lead.top_reason?.replaceAll('_', ' ')].filter((part) => part != null).join(', ')}</span>
    </div>
  )
}
