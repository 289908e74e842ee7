// A small panel behind a button, for a few fields: Escape and a click beside it close it.
import { useId, useLayoutEffect, useRef, useState, type ReactNode } from 'react'
import { Button } from './Button'
import { Icon } from './Icon'
import styles from './Popover.module.css'

interface Props {
  /** The words on the button. */
  button: ReactNode
  /** The name of the panel. */
  label: string
  /** Whether what it holds is set to something. */
  set?: boolean
  children: ReactNode
}

export function Popover({ button, label, set = false, children }: Props) {
  const id = useId()
  const anchor = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  // Only with its content it has its size. Asking where something is while it is closed would lay out the page early.
  useLayoutEffect(() => {
    if (!open) return
    const [box, from] = [panel.current, anchor.current?.getBoundingClientRect()]
    if (box === null || from === undefined) return
    const left = Math.min(from.left, window.innerWidth - box.offsetWidth - 8)
    const below = from.bottom + 4 + box.offsetHeight <= window.innerHeight
    box.style.left = `${Math.max(8, left)}px`
    box.style.top = `${below ? from.bottom + 4 : Math.max(8, window.innerHeight - box.offsetHeight - 8)}px`
    box.querySelector<HTMLElement>('input, select, button')?.focus()
  }, [open])
  return (
    <>
      <Button ref={anchor} className={set ? styles.set : undefined} popoverTarget={id} aria-haspopup="dialog" aria-expanded={open}>
        {button}<Icon name="down" size={16} />
      </Button>
      <div ref={panel} id={id} popover="auto" role="dialog" aria-label={label} className={styles.panel} onToggle={(event) => setOpen(event.newState === 'open')}>
        {open && children}
      </div>
    </>
  )
}
