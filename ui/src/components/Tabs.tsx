// Parts of a page of which one is in sight: arrows move between the tabs, as the ARIA pattern has it.
import { useId, useRef, type KeyboardEvent, type ReactNode } from 'react'
import styles from './Tabs.module.css'

interface Props<T extends string> {
  label: string
  value: T
  options: readonly (readonly [T, ReactNode])[]
  onChange: (value: T) => void
  /** The content of the tab in sight. */
  children: ReactNode
}

export function Tabs<T extends string>({ label, value, options, onChange, children }: Props<T>) {
  const id = useId()
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const at = options.findIndex(([option]) => option === value)
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: options.length - 1 }
    const step = steps[event.key]
    const next = step === undefined ? undefined : options[(step + options.length) % options.length]
    if (next === undefined) return
    event.preventDefault()
    onChange(next[0])
    list.current?.querySelector<HTMLElement>(`[data-tab="${next[0]}"]`)?.focus()
  }
  return (
    <div className={styles.tabs}>
      <div ref={list} role="tablist" tabIndex={-1} aria-label={label} className={styles.list} onKeyDown={onKeyDown}>
        {options.map(([option, words]) => (
          <button
            key={option} type="button" role="tab" id={`${id}-${option}`} data-tab={option} aria-selected={option === value} tabIndex={option === value ? 0 : -1}
            aria-controls={option === value ? `${id}-panel` : undefined} onClick={() => onChange(option)}
          >
            {words}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${value}`} className={styles.panel}>{children}</div>
    </div>
  )
}
