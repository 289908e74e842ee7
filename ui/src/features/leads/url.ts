// What the inbox reads from its address.
import { id, oneOf, text, urlSchema } from '~/url'

export const sorts = ['-score', 'score', '-last_interaction_at', 'last_interaction_at', '-created_at', 'created_at', 'name', '-name'] as const

export const inboxUrl = urlSchema({
  band: oneOf(['hot', 'warm', 'cool']),
  market: text(64),
  q: text(200),
  sort: oneOf(sorts),
  lead: id(),
})

export type InboxUrl = ReturnType<typeof inboxUrl>
export type LeadFilter = Omit<InboxUrl, 'lead'>
