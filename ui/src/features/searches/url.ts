// What the page of saved searches reads from its address.
import { flag, id, oneOf, urlSchema } from '~/url'

/** Days to look back for what a search would have told of; 30 when absent. */
export const spans = ['7', '90'] as const

export const searchesUrl = urlSchema({
  /** Only those of this lead. */
  lead: id(),
  /** The form for a new one is open. */
  new: flag(),
  /** The search beside the list. */
  search: id(),
  days: oneOf(spans),
})

export type SearchesUrl = ReturnType<typeof searchesUrl>
