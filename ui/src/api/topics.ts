// What the stream is asked for, and which part of the cache an event makes old.
import { useEffect } from 'react'
import { createStore } from '~/state/store'
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
  lead: ({ type, id, lead_id, from }) => [
    key('leads', 'list'), key('leads', 'counts'), key('dashboard'), key('leads', lead_id ?? id),
    // What was of one lead is of another now, or again.
    ...(type.endsWith('merged') && typeof from === 'string' ? [key('leads', from), key('tasks'), key('searches')] : []),
  ],
  interaction: ({ lead_id }) => [key('leads', 'list'), key('dashboard'), key('leads', lead_id)],
  listing: ({ id, listing_id, market }) => [key('homes', 'list'), key('homes', listing_id ?? id), key('estimates', listing_id ?? id), key('markets', 'list'), key('markets', market)],
  estimate: ({ id, listing_id }) => [key('estimates', listing_id ?? id)],
  match: ({ lead_id }) => [key('searches'), key('leads', lead_id)],
  message: ({ lead_id }) => [key('leads', 'list'), key('leads', lead_id)],
  note: ({ lead_id }) => [key('leads', lead_id)],
  task: ({ lead_id }) => [key('tasks'), key('leads', lead_id)],
  notification: () => [key('notifications')],
  analysis: ({ id }) => [key('analyses'), key('analyses', id), key('jobs')],
  // How far one is comes about once a second, and makes old what is shown of that one.
  job: ({ type, id }) => (type === 'job.progress' ? [key('jobs', id)] : [key('jobs'), key('imports'), key('models')]),
  // How far one is comes about once a second; the page that shows it takes it from the event.
  import: ({ type }) => (type === 'import.progress' ? [] : [key('imports'), key('leads'), key('homes'), key('markets'), key('dashboard')]),
  model: () => [key('models'), key('leads'), key('estimates')],
  saved_search: () => [key('searches')],
  alert: () => [key('performance')],
}

/** The keys that a topic is about, for when the server says to look again; none means everything. */
export function keysOfTopic(topic: string): Keys {
  const [noun = '', id] = topic.split(':')
  switch (noun) {
    case 'leads':
      return [key('leads'), key('dashboard')]
    case 'lead':
      return [key('leads', id)]
    case 'user':
      return [key('notifications')]
    case 'listing':
      return [key('homes', id), key('estimates', id)]
    case 'market':
    case 'viewport':
      // Series come from imports, which say so themselves.
      return [key('homes'), key('estimates'), key('markets', 'list'), key('markets', id)]
    case 'imports':
    case 'jobs':
    case 'models':
      return [key(noun)]
    default:
      return []
  }
}

/** What the pages in sight want to hear of beside the topics of everybody, with how many want it. */
export const wanted = createStore<ReadonlyMap<string, number>>(new Map())

/** Listens to more topics as long as the component is there: `useTopics([`market:${market}`])`. */
export function useTopics(topics: readonly string[]): void {
  const joined = topics.join(',')
  useEffect(() => {
    const mine = joined === '' ? [] : joined.split(',')
    wanted.set((all) => counted(all, mine, 1))
    return () => wanted.set((all) => counted(all, mine, -1))
  }, [joined])
}

/** The counts with these topics wanted once more, or once less. */
export function counted(all: ReadonlyMap<string, number>, topics: readonly string[], by: 1 | -1): ReadonlyMap<string, number> {
  const next = new Map(all)
  for (const topic of topics) {
    const n = (next.get(topic) ?? 0) + by
    if (n > 0) next.set(topic, n)
    else next.delete(topic)
  }
  return next
}

/** The keys that an event makes old; an event of an unknown kind makes nothing old. */
export function keysOf(event: LiveEvent): Keys {
  const noun = event.type.split('.', 1)[0] ?? ''
  return (byNoun[noun]?.(event) ?? []).filter((parts) => parts.every((part) => part !== undefined))
}
