// The shortcuts that are in force: who listens for which keys, and what the help sheet says about them.
import { useEffect, useRef } from 'react'
import { preferences } from '~/state/preferences'
import { createStore } from '~/state/store'

export interface Shortcut {
  /** `j`, `shift+x`, `g i` (one after the other), `mod+k` (Ctrl, or Cmd on a Mac). */
  keys: string
  label: string
  /** Heading of the help sheet. */
  group: string
  run: (event: KeyboardEvent) => void
  /** Whether it also works while a field has the focus; only sensible with `mod`. */
  inFields?: boolean
}

export const shortcuts = createStore<readonly Shortcut[]>([])

const CHORD = 1200
let prefix: { key: string; at: number } | null = null

/** Puts shortcuts in force as long as the component is there. The newest of equal keys wins. */
export function useShortcuts(list: readonly Shortcut[]): void {
  const latest = useRef(list)
  latest.current = list
  const signature = list.map(({ keys, label, group }) => `${keys}\n${label}\n${group}`).join('\n\n')
  useEffect(() => {
    const mine = latest.current.map((shortcut, index): Shortcut => ({
      ...shortcut,
      run: (event) => latest.current[index]?.run(event),
    }))
    shortcuts.set((all) => [...mine, ...all])
    return () => shortcuts.set((all) => all.filter((shortcut) => !mine.includes(shortcut)))
  }, [signature])
}

/** Finds the shortcut of a key event and runs it. Returns whether there was one. */
export function handleKey(event: KeyboardEvent): boolean {
  if (event.defaultPrevented || event.isComposing) return false
  const pressed = nameOf(event)
  if (pressed === null) return false
  const modified = event.ctrlKey || event.metaKey
  const inField = isField(event.target)
  // A modal dialog has the keyboard to itself.
  const inDialog = document.querySelector('dialog[open]') !== null
  const chord = prefix !== null && event.timeStamp - prefix.at < CHORD ? `${prefix.key} ${pressed}` : null
  prefix = null
  const all = shortcuts.get()
  const allowed = (shortcut: Shortcut) =>
    (!inField || shortcut.inFields === true) && !inDialog && (modified || preferences.get().singleKeys)
  const found =
    all.find((shortcut) => shortcut.keys === chord && allowed(shortcut)) ??
    all.find((shortcut) => shortcut.keys === pressed && allowed(shortcut))
  if (found !== undefined) {
    event.preventDefault()
    found.run(event)
    return true
  }
  if (all.some((shortcut) => shortcut.keys.startsWith(`${pressed} `) && allowed(shortcut))) {
    prefix = { key: pressed, at: event.timeStamp }
  }
  return false
}

/** Forgets a chord that was begun. */
export function resetChord(): void {
  prefix = null
}

const NAMES: Record<string, string> = { ' ': 'space', Escape: 'esc', ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'left', ArrowRight: 'right' }

function nameOf(event: KeyboardEvent): string | null {
  if (['Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) return null
  const letter = /^[a-z]$/i.test(event.key)
  const parts: string[] = []
  if (event.ctrlKey || event.metaKey) parts.push('mod')
  if (event.altKey) parts.push('alt')
  // Shift is part of the name only where it does not already change the character.
  if (event.shiftKey && (letter || event.key.length > 1)) parts.push('shift')
  parts.push(NAMES[event.key] ?? event.key.toLowerCase())
  return parts.join('+')
}

export function isField(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true
  return target instanceof HTMLInputElement && !['checkbox', 'radio', 'button', 'submit', 'range'].includes(target.type)
}

/** For `aria-keyshortcuts`: `mod+k` → `Control+K Meta+K`. Chords cannot be written there and give nothing. */
export function ariaKeys(keys: string): string | undefined {
  if (keys.includes(' ')) return undefined
  const written = keys.split('+').map((part) => (part.length === 1 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1)))
  const text = written.join('+')
  return text.includes('Mod') ? `${text.replace('Mod', 'Control')} ${text.replace('Mod', 'Meta')}` : text
}

/** For people: `mod+k` → `Ctrl K`, `g i` → `G then I`. */
export function shownKeys(keys: string): string {
  const mac = /Mac OS|iPhone|iPad/.test(navigator.userAgent)
  const part = (name: string) =>
    name === 'mod' ? (mac ? '⌘' : 'Ctrl') : name.length === 1 ? name.toUpperCase() : name.charAt(0).toUpperCase() + name.slice(1)
  return keys.split(' ').map((press) => press.split('+').map(part).join('\u00A0')).join(' then ')
}
