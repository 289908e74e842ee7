// What the import page reads from its address.
import { id, oneOf, text, urlSchema } from '~/url'

export const kinds = ['listings', 'sales', 'leads', 'interactions', 'series'] as const

export const importUrl = urlSchema({
  kind: oneOf(kinds),
  market: text(64),
  /** The import that is open. */
  import: id(),
})

export type ImportUrl = ReturnType<typeof importUrl>
