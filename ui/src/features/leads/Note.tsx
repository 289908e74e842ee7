// A note in the timeline of a lead: who wrote it, what it says, and the way to delete it for good.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { refused } from '~/components/Refusal'
import { announce } from '~/state/announce'
import { atLeast, useSession } from '~/state/session'
import { deleteNote } from './changes'
import { by, type Person } from './people'
import styles from './Timeline.module.css'
import { isDeleted, wrote } from './words'

interface Props {
  lead: string
  item: Schema<'TimelineOut'>
  people: readonly Person[]
}

export function Note({ lead, item, people }: Props) {
  const canDelete = atLeast(useSession().role, 'agent') && typeof item.properties.body === 'string'
  const [asked, setAsked] = useState(false)
  const whole = useRef<HTMLSpanElement>(null)
  if (isDeleted(item)) return <span ref={whole} tabIndex={-1} className={styles.deleted}>Note deleted{by(item.properties.deleted_by, people)}</span>
  const text = wrote(item)
  return (
    <span ref={whole} tabIndex={-1}>
      <span className={styles.head}>
        <span>Note{by(item.properties.author, people)}</span>
        {canDelete && !asked && <Button look="plain" onClick={() => setAsked(true)}>Delete<span className="unseen"> the note</span></Button>}
      </span>
      {text !== null && <q className={styles.text}>{text}</q>}
      {asked && <Confirm lead={lead} note={item.id} onEnd={() => { setAsked(false); whole.current?.focus() }} />}
    </span>
  )
}

/** Asks once more, since what a note said cannot be brought back. */
function Confirm({ lead, note, onEnd }: { lead: string; note: string; onEnd: () => void }) {
  const client = useQueryClient()
  const keep = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    keep.current?.focus()
  }, [])
  const remove = useMutation({
    mutationFn: () => deleteNote(client, lead, note),
    onSuccess() {
      announce('Note deleted')
      onEnd()
    },
  })
  return (
    // Escape does what "Keep it" does.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
    <span
      role="group" aria-label="Delete the note" className={styles.confirm}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onEnd()
      }}
    >
      <span>{remove.isError ? refused(remove.error, 'The note') : 'What it says cannot be brought back.'}</span>
      <Button ref={keep} onClick={onEnd}>Keep it</Button>
      <Button look="danger" disabled={remove.isPending} onClick={() => remove.mutate()}>Delete for good</Button>
    </span>
  )
}
