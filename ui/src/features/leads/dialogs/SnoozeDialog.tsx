// Puts leads off until a time.
import { WhenDialog } from '~/components/WhenDialog'
import { plural } from '~/format/numbers'
import { planned } from '~/format/time'
import { leadName } from '~/format/words'
import { useNow } from '~/state/now'
import { done } from '../action'
import { useChangeLeads } from '../changes'
import type { Lead } from '../queries'
import { snoozedUntil } from '../snooze'

export default function SnoozeDialog({ leads }: { leads: readonly Lead[] }) {
  const change = useChangeLeads()
  const now = useNow()
  const [first] = leads
  const isOne = leads.length === 1 && first !== undefined
  const isAway = leads.every((lead) => snoozedUntil(lead, now) !== null)
  const choose = (at: Date | null) => {
    done()
    void change(leads, { snoozed_until: at?.toISOString() ?? null }, at === null ? 'Woken' : `Snoozed until ${planned(at, new Date())}`)
  }
  return (
    <WhenDialog
      title={`Snooze ${isOne ? leadName(first) : plural(leads.length, 'lead')}`} verb="Snooze" note={isOne ? 'Out of the inbox until then, or until they write.' : 'Out of the inbox until then, or until they write: each comes back by itself.'}
      value={isOne ? snoozedUntil(first, now) : null} never={isAway ? 'Wake now' : undefined} onChoose={choose} onClose={done}
    />
  )
}
