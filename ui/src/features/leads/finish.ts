// Does the next step with a lead where that is a task: the earliest open one becomes done, with a way back.
import { useInfiniteQuery, useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { refused } from '~/components/Refusal'
import { editTask } from '~/features/tasks/changes'
import { tasksQuery, type Task, type TaskPage } from '~/features/tasks/queries'
import { toast } from '~/state/toasts'
import { cachedLead, changeCached } from './cache'
import { refresh } from './changes'
import type { Lead } from './queries'

/** Whether the next step is a task that can be ticked off. */
export function isTask({ next_step: step }: Pick<Lead, 'next_step'>): boolean {
  return step?.code === 'overdue_task' || step?.code === 'planned_task'
}

/** The open task that is due first; those at no certain time come last. */
export function earliest(tasks: readonly Task[]): Task | undefined {
  const due = ({ due_at: at }: Task) => (at == null ? Number.MAX_SAFE_INTEGER : new Date(at).getTime())
  return tasks.filter((task) => task.done_at == null).sort((a, b) => due(a) - due(b))[0]
}

const tasksOf = (data: InfiniteData<TaskPage> | undefined) => data?.pages.flatMap((page) => page.items) ?? []

/** The task that the next step is about, once it is known. */
export function useStepTask(lead: Lead): Task | undefined {
  const { data } = useInfiniteQuery({ ...tasksQuery({ lead: lead.id }, null), enabled: isTask(lead) })
  return isTask(lead) ? earliest(tasksOf(data)) : undefined
}

/** Ticks off the task that is the next step with a lead. */
export function useFinishStep(): (lead: Lead) => void {
  const client = useQueryClient()
  return useCallback((lead) => void finish(client, lead.id).catch((error: unknown) => toast(refused(error, 'The task'), { look: 'error' })), [client])
}

async function finish(client: QueryClient, id: string): Promise<void> {
  const before = cachedLead(client, id)
  // What comes next only the server knows; until it has said so, nothing is asked of anybody.
  changeCached(client, id, (lead) => ({ ...lead, next_step: null, waiting_since: null }))
  try {
    const task = earliest(tasksOf(await client.infiniteQuery(tasksQuery({ lead: id }, null))))
    if (task !== undefined) {
      await editTask(client, task, { done: true })
      const undo = () => void reopen(client, task).catch((error: unknown) => toast(refused(error, 'The task'), { look: 'error' }))
      toast(`Done: ${task.title}`, { undo })
    }
  } catch (error) {
    if (before !== undefined) changeCached(client, id, () => before)
    throw error
  }
  await refresh(client, id)
}

async function reopen(client: QueryClient, task: Task): Promise<void> {
  await editTask(client, task, { done: false })
  await refresh(client, task.lead_id)
}
