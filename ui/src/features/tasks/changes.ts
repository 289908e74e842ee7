// Changes to tasks: shown at once, taken back when the server refuses, and undone on request.
import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { refused } from '~/components/Refusal'
import { planned } from '~/format/time'
import { toast } from '~/state/toasts'
import type { Task, TaskPage } from './queries'

export type TaskPatch = Schema<'TaskPatchIn'>
export type NewTask = Schema<'TaskIn'>

/** The task as it will be. */
export function patched(task: Task, { title, due_at: due, assignee, done }: TaskPatch, now: Date): Task {
  const next = { ...task, title: title ?? task.title }
  if (due !== undefined) next.due_at = due
  if (assignee !== undefined) next.assignee = assignee
  if (done != null) next.done_at = done ? now.toISOString() : null
  next.state = next.done_at == null ? 'open' : 'done'
  next.overdue = next.done_at == null && next.due_at != null && new Date(next.due_at) <= now
  return next
}

/** The patch that puts back what another one changes. */
export function inverse(task: Task, patch: TaskPatch): TaskPatch {
  const back: TaskPatch = {}
  if (patch.title != null) back.title = task.title
  if (patch.due_at !== undefined) back.due_at = task.due_at ?? null
  if (patch.assignee !== undefined) back.assignee = task.assignee ?? null
  if (patch.done != null) back.done = task.done_at != null
  return back
}

async function patchTask(client: QueryClient, task: Task, patch: TaskPatch): Promise<Task> {
  show(client, patched(task, patch, new Date()))
  try {
    const now = await take(api.PATCH('/api/v1/tasks/{id}', { params: { path: { id: task.id } }, body: patch }))
    show(client, now)
    return now
  } catch (error) {
    show(client, task)
    throw error
  } finally {
    renew(client, task.lead_id)
  }
}

export async function createTask(client: QueryClient, lead: string, body: NewTask): Promise<Task> {
  const task = await take(api.POST('/api/v1/leads/{id}/tasks', { params: { path: { id: lead } }, body }))
  renew(client, lead)
  return task
}

async function deleteTask(client: QueryClient, { id, lead_id: lead }: Task): Promise<void> {
  await take(api.DELETE('/api/v1/tasks/{id}', { params: { path: { id } } }))
  renew(client, lead)
}

/** Changes a task wherever it is shown; lists leave out by themselves what no longer belongs to them. */
function show(client: QueryClient, task: Task): void {
  client.setQueriesData<InfiniteData<TaskPage>>({ queryKey: key('tasks', 'list') }, (data) => {
    if (data?.pages.some(({ items }) => items.some(({ id }) => id === task.id)) !== true) return data
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((one) => (one.id === task.id ? task : one)) })) }
  })
}

/** The lists of tasks, and the lead with its next step, are asked for again. */
function renew(client: QueryClient, lead: string): void {
  void client.invalidateQueries({ queryKey: key('tasks') })
  void client.invalidateQueries({ queryKey: key('leads', lead), exact: true })
  void client.invalidateQueries({ queryKey: key('leads', 'list') })
  void client.invalidateQueries({ queryKey: key('leads', 'counts') })
}

export interface TaskChanges {
  finish: (task: Task) => void
  reopen: (task: Task) => void
  move: (task: Task, to: Date | null) => void
  remove: (task: Task) => void
}

/** What is done to a task with one press; each is told with a way back. */
export function useTaskChanges(): TaskChanges {
  const client = useQueryClient()
  return useMemo(() => {
    const change = async (task: Task, patch: TaskPatch, what: string) => {
      try {
        const changed = await patchTask(client, task, patch)
        toast(what, { undo: () => void patchTask(client, changed, inverse(task, patch)).catch(fail) })
      } catch (error) {
        fail(error)
      }
    }
    const remove = async (task: Task) => {
      const { title, due_at, assignee, lead_id } = task
      try {
        await deleteTask(client, task)
        toast(`“${title}” deleted`, { undo: () => void createTask(client, lead_id, { title, due_at, assignee }).catch(fail) })
      } catch (error) {
        fail(error)
      }
    }
    return {
      finish: (task) => void change(task, { done: true }, `Done: ${task.title}`),
      reopen: (task) => void change(task, { done: false }, `To do again: ${task.title}`),
      move: (task, to) => void change(task, { due_at: to?.toISOString() ?? null }, to === null ? `At no certain time: ${task.title}` : `Moved to ${planned(to, new Date())}: ${task.title}`),
      remove: (task) => void remove(task),
    }
  }, [client])
}

/** Changes what a form has of a task; the form shows why it was refused. */
export function editTask(client: QueryClient, task: Task, patch: TaskPatch): Promise<Task> {
  return patchTask(client, task, patch)
}

function fail(error: unknown): void {
  toast(refused(error, 'The task'), { look: 'error' })
}
