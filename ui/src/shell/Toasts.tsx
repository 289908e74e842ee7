// Shows the toasts; each stays 8 s, and as long as the pointer or the focus is on it.
import { useEffect, useState } from 'react'
import { Icon } from '~/components/Icon'
import { useShortcuts } from '~/keyboard/registry'
import { dismiss, toasts, undoLast, type Toast } from '~/state/toasts'
import { useStore } from '~/state/store'
import styles from './Toasts.module.css'

const STAY = 8_000

export function Toasts() {
  const all = useStore(toasts)
  useShortcuts([{ keys: 'z', label: 'Undo the last action', group: 'Everywhere', run: () => void undoLast() }])
  return (
    <div className={styles.stack} role="status" aria-label="Messages">
      {all.map((one) => <Shown key={one.id} toast={one} />)}
    </div>
  )
}

function Shown({ toast: { id, text, undo, look } }: { toast: Toast }) {
  const [held, setHeld] = useState(false)
  useEffect(() => {
    if (held) return
    const timer = setTimeout(() => dismiss(id), STAY)
    return () => clearTimeout(timer)
  }, [held, id])
  const hold = { onPointerEnter: () => setHeld(true), onPointerLeave: () => setHeld(false), onFocus: () => setHeld(true), onBlur: () => setHeld(false) }
  return (
    <div className={`${styles.toast} ${look === 'error' ? styles.error : ''}`} {...hold}>
      <span>{text}</span>
      {undo !== undefined && (
        <button type="button" aria-keyshortcuts="Z" onClick={() => { dismiss(id); undo() }}>Undo</button>
      )}
      <button type="button" aria-label="Dismiss" onClick={() => dismiss(id)}><Icon name="close" size={16} /></button>
    </div>
  )
}
