// What kind of screen it is.
import { useSyncExternalStore } from 'react'

const narrow = globalThis.matchMedia('(max-width: 719px)')
const dark = globalThis.matchMedia('(prefers-color-scheme: dark)')

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
