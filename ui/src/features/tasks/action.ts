// Which dialog of tasks is open; the dialogs themselves are loaded when the first one is.
import { createStore } from '~/state/store'
import type { Task } from './queries'

export type TaskAction =
  /** With this lead, or with one that is chosen there. */
  | { kind: 'create'; lead?: { id: string; name: string } }
  | { kind: 'edit' | 'move'; task: Task }

export const taskAction = createStore<TaskAction | null>(null)

export function actOnTask(next: TaskAction): void {
  taskAction.set(next)
}

export function doneWithTask(): void {
  taskAction.set(null)
}
