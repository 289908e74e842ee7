// One polite voice for screen readers: at most one message every 5 s, the newest wins.
import { createStore } from './store'

export const spoken = createStore('')

const PAUSE = 5_000
let next: string | null = null
let busy = false

export function announce(text: string): void {
  if (busy) {
    next = text
    return
  }
  busy = true
  // The same words twice would not be read again.
  spoken.set(spoken.get() === text ? `${text}\u00A0` : text)
  setTimeout(() => {
    busy = false
    const waiting = next
    next = null
    if (waiting !== null) announce(waiting)
  }, PAUSE)
}
