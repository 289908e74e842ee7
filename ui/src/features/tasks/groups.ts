// Open tasks by when they are due.
import { daysUntil } from '~/format/time'
import type { Task } from './queries'

export const groups = ['overdue', 'today', 'tomorrow', 'week', 'later', 'someday'] as const
export type Group = (typeof groups)[number]

export const headings: Record<Group, string> = {
  overdue: 'Overdue', today: 'Today', tomorrow: 'Tomorrow', week: 'Within a week', later: 'Later', someday: 'At no certain time',
}

export function groupOf({ due_at: due }: Pick<Task, 'due_at'>, now: Date): Group {
  if (due == null) return 'someday'
  const at = new Date(due)
  if (at <= now) return 'overdue'
  const days = daysUntil(at, now)
  if (days === 0) return 'today'
  return days === 1 ? 'tomorrow' : days < 7 ? 'week' : 'later'
}

/** The groups that have tasks, in order, each by when its tasks are due. */
export function grouped(tasks: readonly Task[], now: Date): [Group, Task[]][] {
  const inOrder = [...tasks].sort((a, b) => dueOf(a) - dueOf(b))
  return groups.map((group): [Group, Task[]] => [group, inOrder.filter((task) => groupOf(task, now) === group)]).filter(([, list]) => list.length > 0)
}

function dueOf({ due_at: due }: Task): number {
  return due == null ? Number.MAX_SAFE_INTEGER : new Date(due).getTime()
}
