// What can be done with all selected leads at once.
import { Button } from '~/components/Button'
import { plural } from '~/format/numbers'
import { act } from './action'
import styles from './Inbox.module.css'
import type { Lead } from './queries'

export function BulkBar({ leads, onClear }: { leads: readonly Lead[]; onClear: () => void }) {
  return (
    <div className={styles.bulk} role="toolbar" aria-label="Selected leads">
      <span role="status">{leads.length} selected</span>
      <Button keys="a" onClick={() => act({ kind: 'assign', leads })}>Assign {plural(leads.length, 'lead')}</Button>
      <Button keys="s" onClick={() => act({ kind: 'snooze', leads })}>Snooze</Button>
      <Button onClick={() => act({ kind: 'stage', leads })}>Move to a stage</Button>
      <Button onClick={() => act({ kind: 'tag', leads })}>Label</Button>
      <Button look="plain" keys="esc" onClick={onClear}>Clear</Button>
    </div>
  )
}
