// Asks for a time to put something off to: a few that one would name, or any other.
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { read, soon, written } from '~/format/soon'
import { planned } from '~/format/time'
import { useNow } from '~/state/now'
import { Button } from './Button'
import { Dialog } from './Dialog'
import { TextField } from './Field'
import styles from './WhenDialog.module.css'

interface Props {
  title: string
  /** What it means, in a sentence. */
  note?: ReactNode
  /** The words on the button beside the field: "Snooze". */
  verb: string
  /** The time that stands now. */
  value?: Date | null
  /** The words for no time at all, where that can be chosen. */
  never?: string
  onChoose: (at: Date | null) => void
  onClose: () => void
}

export function WhenDialog({ title, note, verb, value = null, never, onChoose, onClose }: Props) {
  const now = useNow()
  const list = useRef<HTMLUListElement>(null)
  const [text, setText] = useState(value === null ? '' : written(value))
  const typed = read(text)
  const isPast = typed !== null && typed <= now
  const onKeyDown = (event: KeyboardEvent) => {
    const all = [...(list.current?.querySelectorAll('button') ?? [])]
    const by = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0
    if (by === 0) return
    event.preventDefault()
    all[(all.findIndex((one) => one === document.activeElement) + by + all.length) % all.length]?.focus()
  }
  // The dialog would begin with its field; the times before it are chosen more often.
  useEffect(() => {
    list.current?.querySelector('button')?.focus()
  }, [])
  return (
    <Dialog title={title} width={400} onClose={onClose}>
      {note !== undefined && <p className={styles.note}>{note}</p>}
      <ul ref={list} className={styles.list}>
        {soon(now).map(({ label, at }) => (
          <li key={label}><button type="button" onKeyDown={onKeyDown} onClick={() => onChoose(at)}><span>{label}</span><small>{planned(at, now)}</small></button></li>
        ))}
        {never !== undefined && <li><button type="button" onKeyDown={onKeyDown} onClick={() => onChoose(null)}><span>{never}</span></button></li>}
      </ul>
      <form className={styles.other} onSubmit={(event) => { event.preventDefault(); if (typed !== null && !isPast) onChoose(typed) }}>
        <TextField label="Another time" type="datetime-local" value={text} min={written(now)} problem={isPast ? 'This time is past.' : undefined} onChange={(event) => setText(event.target.value)} />
        <Button type="submit" look="primary" disabled={typed === null || isPast}>{verb}</Button>
      </form>
    </Dialog>
  )
}
