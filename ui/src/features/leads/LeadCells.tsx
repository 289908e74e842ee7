// What a row of the inbox shows of a lead.
import { IconButton } from '~/components/Button'
import type { Column } from '~/components/DataGrid'
import type { IconName } from '~/components/Icon'
import { Swipe } from '~/components/Swipe'
import { Tier } from '~/components/Tier'
import { Time } from '~/components/Time'
import { decimal } from '~/format/numbers'
import { exact, planned } from '~/format/time'
import { leadName } from '~/format/words'
import { useNow } from '~/state/now'
import { act } from './action'
import { useWake } from './changes'
import { isTask, useFinishStep } from './finish'
import styles from './Inbox.module.css'
import type { Lead } from './queries'
import { snoozedUntil } from './snooze'
import { readable } from './words'

const columns: readonly Column<Lead>[] = [
  { id: 'score', label: 'Score', width: '92px', sort: 'score', cell: (lead) => <Score lead={lead} /> },
  { id: 'name', label: 'Lead', width: 'minmax(120px, 1.1fr)', sort: 'name', cell: (lead) => <b>{leadName(lead)}</b> },
  { id: 'why', label: 'Why now', width: 'minmax(130px, 1.5fr)', cell: (lead) => <span className={styles.why}>{lead.top_reason == null ? '' : readable(lead.top_reason)}</span> },
  { id: 'step', label: 'Next step', width: 'minmax(220px, 1.8fr)', cell: (lead) => <NextStep lead={lead} /> },
  { id: 'seen', label: 'Last seen', width: '76px', align: 'end', sort: 'last_interaction_at', cell: (lead) => <LastSeen lead={lead} /> },
]

const until: Column<Lead> = { id: 'until', label: 'Snoozed until', width: '128px', align: 'end', cell: (lead) => <Until lead={lead} /> }
const acts: Column<Lead> = { id: 'acts', label: '', width: 'calc(2 * var(--control))', align: 'end', near: true, cell: (lead) => <Acts lead={lead} /> }
const wake: Column<Lead> = { id: 'wake', label: '', width: 'var(--control)', cell: (lead) => <Wake lead={lead} /> }

export const LEAST_WIDTH = 840

/** Those who are put off say until when, in place of when they were last seen. */
export function columnsOf(canChange: boolean, snoozed: boolean): readonly Column<Lead>[] {
  if (!canChange) return snoozed ? [...columns.slice(0, -1), until] : columns
  return snoozed ? [...columns.slice(0, -1), until, wake] : [...columns, acts]
}

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

function Until({ lead }: { lead: Lead }) {
  const now = useNow()
  const at = snoozedUntil(lead, now)
  return at === null ? null : <time className={styles.quiet} dateTime={at.toISOString()} title={exact(at)}>{planned(at, now)}</time>
}

function Acts({ lead }: { lead: Lead }) {
  const finish = useFinishStep()
  return (
    <span className={styles.acts}>
      {isTask(lead) && <Put icon="check" label={`Done: the task with ${leadName(lead)}`} run={() => finish(lead)} />}
      <Put icon="clock" label={`Snooze ${leadName(lead)}`} run={() => act({ kind: 'snooze', leads: [lead] })} />
    </span>
  )
}

function Wake({ lead }: { lead: Lead }) {
  const wake = useWake()
  return <Put always icon="undo" label={`Wake ${leadName(lead)}`} run={() => wake([lead])} />
}

/** A button of a row for the pointer; the keyboard has a letter for it. */
function Put({ icon, label, run, always = false }: { icon: IconName; label: string; run: () => void; always?: boolean }) {
  return (
    <span className={`${styles.put} ${always ? styles.always : ''}`}>
      <IconButton
        icon={icon} label={label} tabIndex={-1}
        onClick={(event) => {
          event.stopPropagation()
          run()
        }}
      />
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

/** Two lines and a button, on a phone; moved aside, it ticks off the task that is due or logs a call, or snoozes. */
export function CompactRow({ lead, canChange, onActions }: { lead: Lead; canChange: boolean; onActions: (lead: Lead) => void }) {
  const finish = useFinishStep()
  const lines = <CompactLines lead={lead} onActions={onActions} />
  if (!canChange) return lines
  return (
    <Swipe start={isTask(lead) ? { label: 'Done', icon: 'check', run: () => finish(lead) } : { label: 'Log a call', icon: 'phone', run: () => act({ kind: 'call', lead }) }} end={{ label: 'Snooze', icon: 'clock', run: () => act({ kind: 'snooze', leads: [lead] }) }}>
      {lines}
    </Swipe>
  )
}

function CompactLines({ lead, onActions }: { lead: Lead; onActions: (lead: Lead) => void }) {
  const now = useNow()
  return (
    <div className={styles.compact}>
      <span className={styles.figure}>{lead.score == null ? '–' : Math.round(lead.score)}</span>
      <b>{leadName(lead)}</b>
      {snoozedUntil(lead, now) === null ? <Waiting lead={lead} /> : <Until lead={lead} />}
      <span className={styles.act}><IconButton icon="more" label={`Actions for ${leadName(lead)}`} tabIndex={-1} onClick={(event) => { event.stopPropagation(); onActions(lead) }} /></span>
      <span className={styles.band}>{lead.tier != null && <Tier tier={lead.tier} />}</span>
      <span className={styles.second}>{[lead.next_step?.label, lead.top_reason?.replaceAll('_', ' ')].filter((part) => part != null).join(', ')}</span>
    </div>
  )
}
