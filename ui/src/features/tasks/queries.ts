// What the parts about tasks ask the server.
import { infiniteQueryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import type { TasksUrl } from './url'

export type Task = Schema<'TaskOut'>
export type TaskPage = Schema<'Page_TaskOut'>

const PAGE = 100

/** Tasks page after page: open ones by when they are due, done ones the last first. `me` is who reads. */
export function tasksQuery({ state = 'open', assignee, lead }: Omit<TasksUrl, 'state'> & { state?: Schema<'TaskState'> }, me: string | null) {
  const asked = { state, assignee: assignee === 'me' ? (me ?? undefined) : assignee, lead_id: lead }
  return infiniteQueryOptions({
    queryKey: key('tasks', 'list', asked),
    queryFn: ({ pageParam, signal }) => take(api.GET('/api/v1/tasks', { params: { query: { ...asked, limit: PAGE, cursor: pageParam ?? undefined } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next_cursor,
  })
}
