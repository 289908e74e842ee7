// How many rows an import has, or would have, which effect.
import type { Schema } from '~/api/client'
import { count } from '~/format/numbers'
import styles from './Import.module.css'

export function Counts({ counts: { rows, created, updated, unchanged, rejected }, would = false }: { counts: Schema<'CountsOut'>; would?: boolean }) {
  const shown = [['Rows', rows], [would ? 'New' : 'Created', created], [would ? 'To be updated' : 'Updated', updated], ['Unchanged', unchanged], [would ? 'To be rejected' : 'Rejected', rejected]] as const
  return (
    <dl className={styles.counts} aria-label={would ? 'What would happen' : 'What happened'}>
      {shown.map(([label, n]) => <div key={label} data-hot={label.endsWith('ejected') && n > 0}><dt>{label}</dt><dd>{count(n)}</dd></div>)}
    </dl>
  )
}
