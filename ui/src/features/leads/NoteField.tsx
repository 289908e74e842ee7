// A note about a lead, written over its timeline: Ctrl+Enter saves it.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Button } from '~/components/Button'
import { Refusal } from '~/components/Refusal'
import { useStore } from '~/state/store'
import { toast } from '~/state/toasts'
import { writeNote } from './changes'
import { draftOf, keepDraft, noteAsked } from './note'
import styles from './NoteField.module.css'

const LONGEST = 10_000

export function NoteField({ id }: { id: string }) {
  const client = useQueryClient()
  const field = useRef<HTMLTextAreaElement>(null)
  const [text, setText] = useState(() => draftOf(id))
  const asked = useStore(noteAsked)
  useEffect(() => {
    if (!asked) return
    noteAsked.set(false)
    field.current?.focus()
    field.current?.scrollIntoView({ block: 'nearest' })
  }, [asked])
  const write = (next: string) => {
    setText(next)
    keepDraft(id, next)
  }
  const save = useMutation({
    mutationFn: () => writeNote(client, id, text.trim()),
    onSuccess() {
      write('')
      toast('Note saved')
    },
  })
  const isEmpty = text.trim() === ''
  const submit = () => {
    if (!isEmpty && !save.isPending) save.mutate()
  }
  return (
    <form className={styles.note} aria-label="Write a note" onSubmit={(event) => { event.preventDefault(); submit() }}>
      <textarea
        ref={field} value={text} rows={1} maxLength={LONGEST} aria-label="Note" aria-keyshortcuts="N" placeholder="Write a note" onChange={(event) => write(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit()
          else if (event.key === 'Escape') field.current?.blur()
          else return
          event.preventDefault()
        }}
      />
      {!isEmpty && <Button type="submit" look="primary" keys="mod+enter" disabled={save.isPending}>Save the note</Button>}
      <Refusal error={save.error} what="The note" />
    </form>
  )
}
