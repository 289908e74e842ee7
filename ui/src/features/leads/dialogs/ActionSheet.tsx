// Everything that can be done with a row, for fingers.
import { useNavigate } from '@tanstack/react-router'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { Icon } from '~/components/Icon'
import { leadName } from '~/format/words'
import { atLeast, useSession } from '~/state/session'
import { act, done } from '../action'
import type { Lead } from '../queries'
import { isTask, useFinishStep } from '../finish'
import styles from './Dialogs.module.css'

export default function ActionSheet({ lead, selected, onSelect }: { lead: Lead; selected: boolean; onSelect: () => void }) {
  const navigate = useNavigate()
  const canChange = atLeast(useSession().role, 'agent')
  const finish = useFinishStep()
  const then = (run: () => void) => () => {
    done()
    run()
  }
  return (
    <Dialog title={leadName(lead)} onClose={done}>
      <ul className={styles.sheet}>
        <li><Button look="plain" icon="user" onClick={then(() => void navigate({ to: '/leads/$id', params: { id: lead.id } }))}>Open the lead</Button></li>
        {lead.phone != null && <li><a href={`tel:${lead.phone}`}><Icon name="phone" size={16} />Call {lead.phone}</a></li>}
        {lead.email != null && <li><a href={`mailto:${lead.email}`}><Icon name="mail" size={16} />Write to {lead.email}</a></li>}
        {canChange && isTask(lead) && <li><Button look="plain" icon="check" onClick={then(() => finish(lead))}>Done: the task</Button></li>}
        {canChange && <li><Button look="plain" icon="phone" onClick={() => act({ kind: 'call', lead })}>Log a call</Button></li>}
        {canChange && <li><Button look="plain" icon="clock" onClick={() => act({ kind: 'snooze', leads: [lead] })}>Snooze</Button></li>}
        {canChange && <li><Button look="plain" icon="people" onClick={() => act({ kind: 'assign', leads: [lead] })}>Assign</Button></li>}
        {canChange && <li><Button look="plain" icon={selected ? 'minus' : 'plus'} onClick={then(onSelect)}>{selected ? 'Unselect' : 'Select'}</Button></li>}
      </ul>
    </Dialog>
  )
}
