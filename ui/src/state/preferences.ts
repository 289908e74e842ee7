// Settings of this browser: theme, density, single-key shortcuts.
import { createStore, useStore } from './store'

export interface Preferences {
  theme: 'system' | 'light' | 'dark'
  density: 'comfortable' | 'dense'
  /** Whether letters without a modifier are shortcuts (WCAG 2.1.4). */
  singleKeys: boolean
}

const NAME = 'lintel.preferences'
const DEFAULT: Preferences = { theme: 'system', density: 'comfortable', singleKeys: true }

export const preferences = createStore<Preferences>(read())

export function usePreferences(): Preferences {
  return useStore(preferences)
}

export function prefer(change: Partial<Preferences>): void {
  preferences.set((previous) => ({ ...previous, ...change }))
}

/** Puts the settings on the document and keeps them, now and after each change. */
export function applyPreferences(): void {
  const apply = () => {
    const { theme, density } = preferences.get()
    const { dataset } = document.documentElement
    if (theme === 'system') delete dataset.theme
    else dataset.theme = theme
    dataset.density = density
  }
  apply()
  preferences.subscribe(() => {
    apply()
    try {
      localStorage.setItem(NAME, JSON.stringify(preferences.get()))
    } catch {
      // Without storage the settings last as long as the page.
    }
  })
}

/** What was kept; anything unknown falls back to its default. */
export function parsePreferences(text: string | null): Preferences {
  let kept: Partial<Record<keyof Preferences, unknown>> = {}
  try {
    const value: unknown = JSON.parse(text ?? '{}')
    if (typeof value === 'object' && value !== null) kept = value
  } catch {
    return DEFAULT
  }
  return {
    theme: kept.theme === 'light' || kept.theme === 'dark' ? kept.theme : 'system',
    density: kept.density === 'dense' ? 'dense' : 'comfortable',
    singleKeys: kept.singleKeys !== false,
  }
}

function read(): Preferences {
  try {
    return parsePreferences(localStorage.getItem(NAME))
  } catch {
    return DEFAULT
  }
}
