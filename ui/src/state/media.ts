// What kind of screen it is.
import { useSyncExternalStore } from 'react'

const narrow = globalThis.matchMedia('(max-width: 719px)')
const dark = globalThis.matchMedia('(prefers-color-scheme: dark)')
const hover = globalThis.matchMedia('(hover: hover)')

function useMedia(query: MediaQueryList): boolean {
  return useSyncExternalStore(
    (listener) => {
      query.addEventListener('change', listener)
      return () => query.removeEventListener('change', listener)
    },
    () => query.matches,
    () => false,
  )
}

/** A phone, or a window as narrow as one. */
export function useNarrow(): boolean {
  return useMedia(narrow)
}

/** Whether the system asks for dark. */
export function useSystemDark(): boolean {
  return useMedia(dark)
}

/** Whether what is pointed with can rest on something without touching it. */
export function useHover(): boolean {
  return useMedia(hover)
}
