// What to do next with a lead, and the ways to do it.
import type { ReactNode } from 'react'
import { Button } from '~/components/Button'
import { Chip } from '~/components/Tier'
import { sentence } from '~/format/words'
import { useSession, atLeast } from '~/state/session'
import { act } from './action'
import { Waiting } from './LeadCells'
import styles from './NextStepCard.module.css'
import { nameOf, usePeople } from './people'
import type { Lead } from './queries'

export function NextStepCard({ lead, children }: { lead: Lead; children?: ReactNode }) {
  const people = usePeople()
  const canChange = atLeast(useSession().role, 'agent')
  const { next_step: step, outcome } = lead
  return (
    <section className={styles.card} data-urgent={step?.code === 'answer'} aria-label="Next step">
      <p className={styles.label}>
        Next step{step != null && <Waiting lead={lead} />}
        <span className={styles.who}>Assigned to {nameOf(lead.assignee, people).toLowerCase()}</span>
      </p>
      <p className={styles.what}>{step?.label ?? (outcome == null ? 'Nothing is due.' : <>Its story is over: <Chip>{sentence(outcome)}</Chip></>)}</p>
      <div className={styles.actions}>
        {canChange && <Button look={step == null ? 'outline' : 'primary'} icon="phone" keys="c" onClick={() => act({ kind: 'call', lead })}>Log a call</Button>}
        {canChange && <Button keys="a" onClick={() => act({ kind: 'assign', leads: [lead] })}>Assign</Button>}
        {children}
      </div>
    </section>
  )
}
