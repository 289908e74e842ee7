// What the page of saved searches reads from its address.
import { flag, id, urlSchema } from '~/url'

export const searchesUrl = urlSchema({
  /** Only those of this lead. */
  lead: id(),
  /** The form for a new one is open. */
  new: flag(),
})

export type SearchesUrl = ReturnType<typeof searchesUrl>
