// The leads that a home fits best: who to tell of it first, and why.
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '~/components/Button'
import { Reasons } from '~/components/Reasons'
import { ErrorState, Skeleton } from '~/components/states'
import { Tier } from '~/components/Tier'
import { Time } from '~/components/Time'
import { count, decimal, percent } from '~/format/numbers'
import { leadName } from '~/format/words'
import type { Home } from '~/features/homes/home'
import styles from './Home.module.css'
import { interestedQuery, type Interested } from './queries'

const FIRST = 5
const REASONS_IN_SIGHT = 2

export function InterestedLeads({ home }: { home: Home }) {
  const { data, isPending, error, refetch } = useQuery(interestedQuery(home.id))
  const [all, setAll] = useState(false)
  const items = data?.items ?? []
  const shown = all ? items : items.slice(0, FIRST)
  return (
    // Not on the printed report, which may be handed to others.
    <section className={`${styles.part} ${styles.private}`} aria-labelledby="interested">
      <h2 id="interested">Interested leads{items.length > 0 && <small> best {count(items.length)} of {count(data?.considered ?? 0)} whose must-haves it meets</small>}</h2>
      {isPending ? <Skeleton rows={4} label="Looking for leads" />
        : error !== null ? <ErrorState error={error} what="The leads" onRetry={() => void refetch()} />
        : items.length === 0 ? <p className={styles.quiet}>{nobody(home)}</p>
        : (
          <table className={`${styles.table} ${styles.leads}`} aria-labelledby="interested">
            <thead>
              <tr><th scope="col">Lead</th><th scope="col">Fit</th><th scope="col">Score</th><th scope="col">Band</th><th scope="col" className={styles.seen}>Last seen</th></tr>
            </thead>
            {shown.map((one) => <OneLead key={one.lead.id} of={one} />)}
          </table>
        )}
      {items.length > shown.length && <div><Button onClick={() => setAll(true)}>Show {count(items.length - shown.length)} more</Button></div>}
    </section>
  )
}

/** Why there is nobody, and what would bring somebody. */
function nobody({ status }: Home): string {
  if (status !== 'active' && status !== 'coming_soon') return 'It is not for sale now, so it is offered to nobody. The leads that it fits stand here while it is.'
  return 'It meets the must-haves of no open lead in this market. Leads stand here as soon as what they look for lets it through.'
}

function OneLead({ of: { lead, fit, reasons, near_miss: miss } }: { of: Interested }) {
  const { id, score, tier, last_interaction_at: seen } = lead
  const name = leadName(lead)
  const [open, setOpen] = useState(false)
  return (
    <tbody>
      <tr>
        <th scope="row"><Link to="/leads/$id" params={{ id }}>{name}</Link></th>
        <td>{percent(fit)}</td>
        <td>{score == null ? '–' : decimal(score, 0)}</td>
        <td>{tier == null ? '–' : <Tier tier={tier} />}</td>
        <td className={styles.seen}>{seen == null ? 'never' : <Time at={seen} />}</td>
      </tr>
      <tr className={styles.why}>
        <td colSpan={5}>
          <details onToggle={(event) => setOpen(event.currentTarget.open)}>
            <summary><span className="unseen">Why it fits {name}: </span>{inShort(reasons)}{miss != null && <span className={styles.miss}>; but {miss}</span>}</summary>
            {open && <Reasons reasons={reasons.map(({ aspect, label, contribution }) => ({ id: aspect, label, amount: contribution * 100 }))} most={8} unit="points of fit" />}
          </details>
        </td>
      </tr>
    </tbody>
  )
}

/** The strongest reasons in one line. */
function inShort(reasons: Interested['reasons']): string {
  const strongest = [...reasons].sort((a, b) => b.contribution - a.contribution).slice(0, REASONS_IN_SIGHT)
  return strongest.map(({ label }) => label).join('; ')
}
