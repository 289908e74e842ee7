// J and K through a list of tasks, and what is done with the one that has the focus.
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useRef, useState, type FocusEvent } from 'react'
import { useShortcuts, type Shortcut } from '~/keyboard/registry'
import { actOnTask } from './action'
import type { TaskChanges } from './changes'
import type { Task } from './queries'

/** `changes` is null for whoever may not change tasks. Rows are found by their `data-task`. */
export function useTaskKeys(tasks: readonly Task[], changes: TaskChanges | null) {
  const navigate = useNavigate()
  const list = useRef<HTMLDivElement>(null)
  const [at, setAt] = useState<string | null>(null)
  const index = tasks.findIndex(({ id }) => id === at)
  const place = useRef(index)
  if (index >= 0) place.current = index
  const focus = (to: number) => {
    const task = tasks[Math.max(0, Math.min(tasks.length - 1, to))]
    if (task !== undefined) list.current?.querySelector<HTMLElement>(`[data-task="${task.id}"] :is(input, a)`)?.focus()
  }
  // The task with the focus has left the list: the next one takes its place.
  const isLost = at !== null && index < 0
  useEffect(() => {
    if (isLost && document.activeElement === document.body) focus(place.current)
  })
  const current = tasks[index]
  const group = 'Tasks'
  const inside = () => list.current?.contains(document.activeElement) === true
  const keys: Shortcut[] = [
    { keys: 'j', label: 'Next task', group, run: () => focus(inside() ? index + 1 : Math.max(0, index)) },
    { keys: 'k', label: 'Previous task', group, run: () => focus(inside() ? index - 1 : Math.max(0, index)) },
  ]
  if (current !== undefined) {
    keys.push({ keys: 'o', label: 'Open the lead', group, run: () => void navigate({ to: '/leads/$id', params: { id: current.lead_id } }) })
    if (changes !== null) {
      keys.push(
        { keys: 'x', label: 'Tick the task off', group, run: () => (current.done_at == null ? changes.finish : changes.reopen)(current) },
        { keys: 'm', label: 'Move the task', group, run: () => actOnTask({ kind: 'move', task: current }) },
        { keys: 'e', label: 'Change the task', group, run: () => actOnTask({ kind: 'edit', task: current }) },
      )
    }
  }
  useShortcuts(keys)
  const watch = {
    onFocus: (event: FocusEvent<HTMLElement>) => setAt(event.target.closest<HTMLElement>('[data-task]')?.dataset.task ?? null),
  }
  return { list, watch }
}
