// Moves leads to a stage, or puts a label on them.
import { useState } from 'react'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import { done } from '../action'
import { useChangeLeads } from '../changes'
import type { Lead } from '../queries'

export default function LabelDialog({ what, leads }: { what: 'stage' | 'tag'; leads: readonly Lead[] }) {
  const change = useChangeLeads()
  const [text, setText] = useState('')
  const label = text.trim()
  const save = () => {
    done()
    if (what === 'stage') void change(leads, { stage: label === '' ? null : label }, label === '' ? 'Without a stage' : `Moved to ${sentence(label)}`)
    else void change(leads, ({ tags }) => ({ tags: [...new Set([...tags, label])] }), `Labelled “${label}”`)
  }
  const known = [...new Set(leads.flatMap((lead) => (what === 'stage' ? (lead.stage ?? []) : lead.tags)))].sort()
  return (
    <Dialog title={what === 'stage' ? `Move ${plural(leads.length, 'lead')}` : `Label ${plural(leads.length, 'lead')}`} width={400} onClose={done}>
      <form className={formClass} onSubmit={(event) => { event.preventDefault(); save() }}>
        <TextField label={what === 'stage' ? 'Stage' : 'Label'} value={text} maxLength={100} list="known-labels" onChange={(event) => setText(event.target.value)} />
        <datalist id="known-labels">{known.map((one) => <option key={one} value={one} />)}</datalist>
        <div><Button type="submit" look="primary" disabled={what === 'tag' && label === ''}>{what === 'stage' ? 'Move' : 'Add the label'}</Button></div>
      </form>
    </Dialog>
  )
}
