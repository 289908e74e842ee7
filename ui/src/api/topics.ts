// Which part of the cache an event makes old.
import { key } from './keys'

/** An event of the log: its type and the ids that it names. */
export interface LiveEvent {
  type: string
  id?: string
  lead_id?: string
  listing_id?: string
  market?: string
  [field: string]: unknown
}

type Keys = ReturnType<typeof key>[]

const byNoun: Record<string, (event: LiveEvent) => Keys> = {
  lead: ({ id, lead_id }) => [key('leads', 'list'), key('leads', 'counts'), key('dashboard'), key('leads', lead_id ?? id)],
  interaction: ({ lead_id }) => [key('leads', 'list'), key('dashboard'), key('leads', lead_id)],
  listing: ({ id, listing_id }) => [key('homes', 'list'), key('homes', listing_id ?? id), key('markets')],
  estimate: ({ id, listing_id }) => [key('estimates', listing_id ?? id)],
  match: ({ lead_id }) => [key('searches'), key('leads', lead_id)],
  message: ({ lead_id }) => [key('leads', 'list'), key('leads', lead_id)],
  note: ({ lead_id }) => [key('leads', lead_id)],
  task: ({ lead_id }) => [key('tasks'), key('leads', lead_id)],
  notification: () => [key('notifications')],
  job: () => [key('jobs'), key('imports'), key('models')],
  import: () => [key('imports'), key('leads'), key('homes'), key('markets'), key('dashboard')],
  model: () => [key('models'), key('leads'), key('estimates')],
  saved_search: () => [key('searches')],
  alert: () => [key('performance')],
}

/** The keys that an event makes old; an event of an unknown kind makes nothing old. */
export function keysOf(event: LiveEvent): Keys {
  const noun = event.type.split('.', 1)[0] ?? ''
  return (byNoun[noun]?.(event) ?? []).filter((parts) => parts.every((part) => part !== undefined))
}
