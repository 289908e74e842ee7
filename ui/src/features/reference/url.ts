// What the reference reads from its address.
import { text, urlSchema } from '~/url'

export const referenceUrl = urlSchema({
  q: text(100),
  /** The operation that is open, by the id of the description. */
  op: text(100),
  /** The schema that is open. */
  schema: text(100),
})

export type ReferenceUrl = ReturnType<typeof referenceUrl>
