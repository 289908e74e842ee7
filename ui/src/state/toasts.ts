// Short messages after an action, with a way back.
import { createStore } from './store'

export interface Toast {
  id: number
  text: string
  /** Takes the action back. */
  undo?: () => void
  look: 'plain' | 'error'
}

export const toasts = createStore<readonly Toast[]>([])

const MOST = 3
let last = 0

export function toast(text: string, options: { undo?: () => void; look?: Toast['look'] } = {}): void {
  last += 1
  const made: Toast = { id: last, text, look: options.look ?? 'plain', undo: options.undo }
  toasts.set((all) => [...all, made].slice(-MOST))
}

export function dismiss(id: number): void {
  toasts.set((all) => all.filter((one) => one.id !== id))
}

/** Takes back the newest action that can be. Returns whether there was one. */
export function undoLast(): boolean {
  const found = toasts.get().findLast((one) => one.undo !== undefined)
  if (found === undefined) return false
  dismiss(found.id)
  found.undo?.()
  return true
}
