// Whether somebody is at a part of the page: what is there must not move then.
import { useState, type FocusEvent } from 'react'

/** `watch` goes to the element; `present` while the pointer or the focus is in it. */
export function usePresence() {
  const [pointer, setPointer] = useState(false)
  const [focus, setFocus] = useState(false)
  const watch = {
    onPointerEnter: () => setPointer(true), onPointerLeave: () => setPointer(false),
    onFocus: () => setFocus(true), onBlur: (event: FocusEvent) => setFocus(event.currentTarget.contains(event.relatedTarget)),
  }
  return { present: pointer || focus, watch }
}
