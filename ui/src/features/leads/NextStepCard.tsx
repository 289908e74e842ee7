// What to do next with a lead, and the ways to do it.
import type { ReactNode } from 'react'
import { Button } from '~/components/Button'
import { Chip } from '~/components/Tier'
import { exact, planned } from '~/format/time'
import { sentence } from '~/format/words'
import { useNow } from '~/state/now'
import { useSession, atLeast } from '~/state/session'
import { act } from './action'
import { useWake } from './changes'
import { isTask, useFinishStep, useStepTask } from './finish'
import { Waiting } from './LeadCells'
import styles from './NextStepCard.module.css'
import { nameOf, usePeople } from './people'
import type { Lead } from './queries'
import { snoozedUntil } from './snooze'

interface Props {
  lead: Lead
  /** What else can be done is in reach elsewhere on the page. */
  brief?: boolean
  children?: ReactNode
}

export function NextStepCard({ lead, brief = false, children }: Props) {
  const people = usePeople()
  const canChange = atLeast(useSession().role, 'agent')
  const now = useNow()
  const wake = useWake()
  const away = snoozedUntil(lead, now)
  const finish = useFinishStep()
  const task = useStepTask(lead)
  const canFinish = canChange && isTask(lead)
  const canMore = canChange && !brief
  const { next_step: step, outcome } = lead
  return (
    <section className={styles.card} data-urgent={step?.code === 'answer' || step?.code === 'overdue_task'} aria-label="Next step">
      <p className={styles.label}>
        Next step{step != null && <Waiting lead={lead} />}
        <span className={styles.who}>Assigned to {nameOf(lead.assignee, people).toLowerCase()}</span>
      </p>
      <p className={styles.what}>{task !== undefined ? `${step?.label}: ${task.title}` : step?.label ?? (outcome == null ? 'Nothing is due.' : <>Its story is over: <Chip>{sentence(outcome)}</Chip></>)}</p>
      {away !== null && <p className={styles.away}>Snoozed until <time dateTime={away.toISOString()} title={exact(away)}>{planned(away, now)}</time>, or until they write.</p>}
      <div className={styles.actions}>
        {canFinish && <Button look="primary" icon="check" keys="d" onClick={() => finish(lead)}>Done</Button>}
        {canMore && <Button look={step == null || canFinish ? 'outline' : 'primary'} icon="phone" keys="c" onClick={() => act({ kind: 'call', lead })}>Log a call</Button>}
        {canMore && <Button keys="a" onClick={() => act({ kind: 'assign', leads: [lead] })}>Assign</Button>}
        {canMore && away === null && <Button icon="clock" keys="s" onClick={() => act({ kind: 'snooze', leads: [lead] })}>Snooze</Button>}
        {canChange && away !== null && <Button icon="undo" onClick={() => wake([lead])}>Wake now</Button>}
        {children}
      </div>
    </section>
  )
}
