// What the pages about leads read from their addresses.
import { flag, id, number, oneOf, someOf, text, urlSchema } from '~/url'

export const sorts = ['-score', 'score', '-last_interaction_at', 'last_interaction_at', '-created_at', 'created_at', 'name', '-name'] as const
export type Sort = (typeof sorts)[number]

const anyId = id()

/** Whose leads: those of the reader, or of the user with this id. */
function assignee(raw: unknown): string | undefined {
  return raw === 'me' ? 'me' : anyId(raw)
}

export const inboxUrl = urlSchema({
  band: oneOf(['hot', 'warm', 'cool']),
  assignee,
  market: text(64),
  /** Only those that wait for a next step. */
  todo: flag(),
  /** Those that are put off, instead of the others. */
  snoozed: flag(),
  q: text(200),
  sort: oneOf(sorts),
  lead: anyId,
})

export type InboxUrl = ReturnType<typeof inboxUrl>
export type LeadFilter = Omit<InboxUrl, 'lead'>

export const tabs = ['timeline', 'consent', 'facts'] as const
export type Tab = (typeof tabs)[number]

/** Kinds of interactions as a timeline is filtered by them. */
export const doings = ['messages', 'calls', 'homes', 'visits', 'notes'] as const
export type Doing = (typeof doings)[number]

export const leadUrl = urlSchema({
  tab: oneOf(tabs),
  only: someOf(doings),
  /** Days before now that the score is shown as of. */
  ago: number(1, 3650),
  /** How the score went is drawn. */
  course: flag(),
})

export type LeadUrl = ReturnType<typeof leadUrl>
