// Which dialog of a lead is open; the dialogs themselves are loaded when the first one is.
import { createStore } from '~/state/store'
import type { Lead } from './queries'

export type Action =
  | { kind: 'call'; lead: Lead }
  | { kind: 'erase'; lead: Lead }
  | { kind: 'merge'; lead: Lead }
  | { kind: 'menu'; lead: Lead; selected: boolean; onSelect: () => void }
  | { kind: 'assign' | 'snooze' | 'stage' | 'tag'; leads: readonly Lead[] }
  | { kind: 'create' }

export const action = createStore<Action | null>(null)

export function act(next: Action): void {
  action.set(next)
}

export function done(): void {
  action.set(null)
}
