// Two leads that are the same person become one: the other is found by typing, both stand side by side with what comes of it.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { Icon } from '~/components/Icon'
import { Table } from '~/components/Table'
import { Time } from '~/components/Time'
import { leadName } from '~/format/words'
import { useLater } from '~/state/later'
import { toast } from '~/state/toasts'
import { done } from '../action'
import { reason } from '../changes'
import { mergeLeads, showMerged, undoMerge } from '../merges'
import { Score } from '../LeadCells'
import { samePersonQuery, type Lead } from '../queries'
import styles from './Dialogs.module.css'

const PAUSE = 150

export default function MergeDialog({ lead }: { lead: Lead }) {
  const [other, setOther] = useState<Lead | null>(null)
  return (
    <Dialog title={`Merge ${leadName(lead)} with…`} width={640} onClose={done}>
      {other === null ? <Find lead={lead} onFound={setOther} /> : <Confirm lead={lead} other={other} onBack={() => setOther(null)} />}
    </Dialog>
  )
}

/** Who comes first to mind: whoever has the same name. */
function Find({ lead, onFound }: { lead: Lead; onFound: (other: Lead) => void }) {
  const [text, setText] = useState(lead.name ?? lead.email ?? lead.phone ?? '')
  const q = useLater(text.trim(), PAUSE)
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => {
    field.current?.focus()
    field.current?.select()
  }, [])
  const { data, isError, isFetching } = useQuery({ ...samePersonQuery(q), enabled: q !== '', placeholderData: keepPreviousData })
  const found = q === '' ? [] : (data?.items ?? []).filter(({ id }) => id !== lead.id)
  const [first] = found
  const isLooking = isFetching || q !== text.trim()
  return (
    <form className={formClass} onSubmit={(event) => { event.preventDefault(); if (first !== undefined && !isLooking) onFound(first) }}>
      <TextField ref={field} label="Who is the same person?" hint="By name, e-mail, phone or id elsewhere" value={text} maxLength={200} autoComplete="off" onChange={(event) => setText(event.target.value)} />
      {found.length === 0 && text.trim() !== '' && <p role="status">{isError ? 'The search failed.' : isLooking ? 'Looking' : 'Nobody else is known by that.'}</p>}
      <ul className={styles.list} aria-label="Leads that may be the same person">
        {found.map((one) => (
          <li key={one.id}>
            <button type="button" onClick={() => onFound(one)}>
              <Icon name="user" size={16} />
              <span>{leadName(one)}</span>
              <small>{[one.email, one.phone].filter((part) => part != null && part !== leadName(one)).join(', ')}</small>
            </button>
          </li>
        ))}
      </ul>
    </form>
  )
}

function Confirm({ lead, other, onBack }: { lead: Lead; other: Lead; onBack: () => void }) {
  const client = useQueryClient()
  const navigate = useNavigate()
  const [swapped, setSwapped] = useState(false)
  const [stays, goes] = swapped ? [other, lead] : [lead, other]
  const go = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    go.current?.focus()
  }, [])
  const merge = useMutation({
    mutationFn: () => mergeLeads(stays.id, goes.id),
    async onSuccess(merged) {
      done()
      const undo = () => void undoMerge(client, goes.id).catch((error: unknown) => toast(`Not undone. ${reason(error)}`, { look: 'error' }))
      toast(`${leadName(goes)} was merged into ${leadName(merged)}`, { undo })
      if (swapped) await navigate({ to: '/leads/$id', params: { id: stays.id } })
      await showMerged(client, goes.id)
    },
  })
  return (
    <form className={formClass} onSubmit={(event) => { event.preventDefault(); merge.mutate() }}>
      <Table label="Both leads and what comes of them" columns={columns} rows={compared(stays, goes)} rowKey={({ fact }) => fact} />
      <p>What was done and said, tasks, saved searches and consent of both come together; what either took back stays taken back. It can be undone.</p>
      {merge.isError && <p role="alert" className={styles.problem}>{reason(merge.error)}</p>}
      <div className={styles.foot}>
        <Button onClick={onBack}>Somebody else</Button>
        <Button icon="compare" onClick={() => setSwapped(!swapped)}>Keep the other</Button>
        <Button ref={go} type="submit" look="primary" disabled={merge.isPending}>Merge</Button>
      </div>
    </form>
  )
}

interface Row {
  fact: string
  stays: ReactNode
  goes: ReactNode
  after: ReactNode
}

const columns = [
  { id: 'fact', label: <span className="unseen">What</span>, cell: ({ fact }: Row) => fact, fits: true },
  { id: 'stays', label: 'Stays', cell: ({ stays }: Row) => stays },
  { id: 'goes', label: 'Is merged into it', cell: ({ goes }: Row) => goes },
  { id: 'after', label: 'Afterwards', cell: ({ after }: Row) => <b>{after}</b> },
]

/** What stands side by side: of each fact both sides and what will be. */
function compared(stays: Lead, goes: Lead): Row[] {
  const text = (fact: string, field: 'name' | 'email' | 'phone'): Row => ({ fact, stays: stays[field] ?? '–', goes: goes[field] ?? '–', after: stays[field] ?? goes[field] ?? '–' })
  const seen = ({ last_interaction_at: at }: { last_interaction_at?: string | null }) => (at == null ? 'never' : <Time at={at} />)
  return [
    text('Name', 'name'),
    text('E-mail', 'email'),
    text('Phone', 'phone'),
    { fact: 'Score', stays: <Score lead={stays} />, goes: <Score lead={goes} />, after: 'is made again' },
    { fact: 'Last activity', stays: seen(stays), goes: seen(goes), after: seen({ last_interaction_at: later(stays.last_interaction_at, goes.last_interaction_at) }) },
  ]
}

/** The later of two times, as far as they are known. */
export function later(a: string | null | undefined, b: string | null | undefined): string | null {
  if (a == null || b == null) return a ?? b ?? null
  return new Date(a) >= new Date(b) ? a : b
}
