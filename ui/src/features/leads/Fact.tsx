// One fact of a lead, changed where it stands: Enter or leaving the field saves, Escape does not.
import { useEffect, useRef, useState, type ReactNode } from 'react'
import { Icon } from '~/components/Icon'
import styles from './Facts.module.css'

interface Props {
  label: string
  /** As it is read. */
  shown: ReactNode
  /** As it is typed. */
  value: string
  /** Values to choose from instead of typing. */
  options?: readonly (readonly [string, string])[]
  type?: 'text' | 'email' | 'tel'
  numeric?: boolean
  hint?: string
  /** Whether the reader may change it. */
  editable: boolean
  onSave: (value: string) => void
  /** Beside the value, such as a link to call. */
  beside?: ReactNode
}

export function Fact({ label, shown, value, options, type = 'text', numeric = false, hint, editable, onSave, beside }: Props) {
  const [editing, setEditing] = useState(false)
  const button = useRef<HTMLButtonElement>(null)
  const back = useRef(false)
  useEffect(() => {
    if (!editing && back.current) button.current?.focus()
    back.current = false
  }, [editing])
  const end = (next: string | null, focus: boolean) => {
    back.current = focus
    setEditing(false)
    if (next !== null && next.trim() !== value.trim()) onSave(next.trim())
  }
  const empty = shown === null || shown === ''
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>
        {editing ? <Editor {...{ label, value, options, type, numeric, hint, end }} /> : editable ? (
          <button ref={button} type="button" className={styles.value} onClick={() => setEditing(true)}>
            <span className="unseen">Change {label.toLowerCase()}: </span>
            {empty ? <span className={styles.none}>Add</span> : shown}
            <span className={styles.pen}><Icon name="edit" size={12} /></span>
          </button>
        ) : <span className={styles.fixed}>{empty ? <span className={styles.none}>Not known</span> : shown}</span>}
        {!editing && beside}
      </dd>
    </div>
  )
}

type EditorProps = Pick<Props, 'label' | 'value' | 'options' | 'type' | 'numeric' | 'hint'> & { end: (next: string | null, focus: boolean) => void }

function Editor({ label, value, options, type, numeric, hint, end }: EditorProps) {
  const [text, setText] = useState(value)
  const ended = useRef(false)
  const field = useRef<HTMLInputElement & HTMLSelectElement>(null)
  useEffect(() => {
    field.current?.focus()
    if (field.current instanceof HTMLInputElement) field.current.select()
  }, [])
  const once = (next: string | null, focus: boolean) => {
    if (ended.current) return
    ended.current = true
    end(next, focus)
  }
  const common = {
    ref: field, value: text, 'aria-label': label, title: hint, className: styles.input,
    onBlur: () => once(text, false),
    onKeyDown: (event: React.KeyboardEvent) => {
      if (event.key === 'Enter') once(text, true)
      else if (event.key === 'Escape') once(null, true)
      else return
      event.preventDefault()
      event.stopPropagation()
    },
  }
  if (options === undefined) return <input {...common} type={type} inputMode={numeric === true ? 'decimal' : undefined} placeholder={hint} autoComplete="off" onChange={(event) => setText(event.target.value)} />
  return (
    <select {...common} onChange={(event) => setText(event.target.value)}>
      {options.map(([option, words]) => <option key={option} value={option}>{words}</option>)}
    </select>
  )
}
