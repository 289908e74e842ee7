// What the page of tasks reads from its address.
import { id, oneOf, urlSchema } from '~/url'

const anyId = id()

/** Whose tasks: those of the reader, or of the user with this id. */
function assignee(raw: unknown): string | undefined {
  return raw === 'me' ? 'me' : anyId(raw)
}

export const tasksUrl = urlSchema({
  /** The done ones; those to be done when absent. */
  state: oneOf(['done']),
  assignee,
  /** Only those with this lead. */
  lead: anyId,
})

export type TasksUrl = ReturnType<typeof tasksUrl>
