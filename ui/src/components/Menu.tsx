// A menu of actions behind a button: arrows move, letters jump, Escape closes.
import { useId, useLayoutEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react'
import { shownKeys } from '~/keyboard/registry'
import { Button, IconButton } from './Button'
import { Icon, type IconName } from './Icon'
import styles from './Menu.module.css'

export interface MenuItem {
  label: string
  run: () => void
  icon?: IconName
  /** For a choice: whether it is the one in force. */
  checked?: boolean
  danger?: boolean
  disabled?: boolean
  /** The shortcut that does the same. */
  keys?: string
}

interface Props {
  label: string
  items: readonly MenuItem[]
  /** A square button with this picture instead of one with words. */
  icon?: IconName
  children?: ReactNode
}

export function Menu({ label, items, icon, children }: Props) {
  const id = useId()
  const menu = useRef<HTMLDivElement>(null)
  const button = useRef<HTMLButtonElement>(null)
  const [open, setOpen] = useState(false)

  const place = () => {
    const [box, anchor] = [menu.current, button.current?.getBoundingClientRect()]
    if (box === null || anchor === undefined) return
    const { offsetWidth: width, offsetHeight: height } = box
    const left = Math.min(anchor.left, window.innerWidth - width - 8)
    const below = anchor.bottom + 4 + height <= window.innerHeight
    box.style.left = `${Math.max(8, left)}px`
    box.style.top = `${below ? anchor.bottom + 4 : Math.max(8, anchor.top - height - 4)}px`
  }
  // Once the items are there: before, the menu has no height.
  useLayoutEffect(() => {
    if (!open) return
    place()
    const all = entries(menu.current)
    ;(all.find((one) => one.getAttribute('aria-checked') === 'true') ?? all[0])?.focus()
  }, [open])
  const close = () => {
    menu.current?.hidePopover()
    button.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const all = entries(menu.current)
    const at = all.indexOf(document.activeElement as HTMLElement)
    const next = target(event.key, at, all)
    if (next !== undefined) {
      event.preventDefault()
      event.stopPropagation()
      next.focus()
    } else if (event.key === 'Tab') close()
  }
  const props = {
    ref: button, 'aria-haspopup': 'menu', 'aria-expanded': open, 'aria-controls': open ? id : undefined, popoverTarget: id,
  } as const
  return (
    <>
      {icon === undefined ? <Button {...props}>{children ?? label}<Icon name="down" size={16} /></Button> : <IconButton {...props} icon={icon} label={label} />}
      {/* The items take the focus; the menu only hears what they do not use. */}
      <div ref={menu} id={id} popover="auto" role="menu" tabIndex={-1} aria-label={label} className={styles.menu} onToggle={(event) => setOpen(event.newState === 'open')} onKeyDown={onKeyDown}>
        {open && items.map((item) => (
          <button
            key={item.label} type="button" tabIndex={-1} aria-disabled={item.disabled}
            role={item.checked === undefined ? 'menuitem' : 'menuitemradio'} aria-checked={item.checked}
            className={`${styles.item} ${item.danger === true ? styles.danger : ''}`}
            onClick={() => { if (item.disabled !== true) { close(); item.run() } }}
          >
            {item.checked !== undefined && <span className={styles.mark}>{item.checked && <Icon name="check" size={16} />}</span>}
            {item.icon !== undefined && <Icon name={item.icon} size={16} />}
            {item.label}
            {item.keys !== undefined && <span className={styles.keys} aria-hidden="true">{shownKeys(item.keys)}</span>}
          </button>
        ))}
      </div>
    </>
  )
}

function entries(menu: HTMLElement | null): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role^=menuitem]') ?? [])]
}

/** Where a key leads: arrows around, Home and End, and the next item that starts with a letter. */
function target(key: string, at: number, all: HTMLElement[]): HTMLElement | undefined {
  const n = all.length
  if (key === 'ArrowDown') return all[(at + 1) % n]
  if (key === 'ArrowUp') return all[(at - 1 + n) % n]
  if (key === 'Home') return all[0]
  if (key === 'End') return all[n - 1]
  if (key.length !== 1 || key === ' ') return undefined
  const later = [...all.slice(at + 1), ...all.slice(0, at + 1)]
  return later.find((one) => one.textContent.trim().toLowerCase().startsWith(key.toLowerCase()))
}
