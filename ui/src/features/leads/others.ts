// Who else looks at something, in words and initials.
import type { Looking } from '~/api/presence'

/** Those who look, without the reader: who is named, and how many there are. */
export function without(looking: Looking | undefined, me: string | null): Looking {
  const { users, total } = looking ?? { users: [], total: 0 }
  const others = users.filter((user) => user !== me)
  // Whoever is told is shown, too: among many the reader is one of those who are counted only.
  const isCounted = others.length < users.length || (me !== null && total > users.length)
  return { users: others, total: total - (isCounted ? 1 : 0) }
}

/** `ann also looks at this`, `ann, bo and 2 others also look at this`; null stands for somebody whose name is not known. */
export function alsoLooks(names: readonly (string | null)[], total: number): string {
  const known = names.filter((name) => name !== null).slice(0, total > 3 ? 2 : 3)
  const rest = total - known.length
  const who = known.length === 0 ? (rest === 1 ? 'A colleague' : `${rest} colleagues`) : listed(known, rest)
  return `${who} also ${total === 1 ? 'looks' : 'look'} at this`
}

function listed(known: readonly string[], rest: number): string {
  if (rest > 0) return `${known.join(', ')} and ${rest === 1 ? 'a colleague' : `${rest} others`}`
  return known.length === 1 ? (known[0] ?? '') : `${known.slice(0, -1).join(', ')} and ${known.at(-1)}`
}

/** `ann.smith` → `AS`, `bo` → `B` */
export function initials(name: string): string {
  const parts = name.split(/[^\p{L}\p{N}]+/u).filter((part) => part !== '')
  return [parts[0], parts.length > 1 ? parts.at(-1) : undefined].map((part) => part?.charAt(0).toUpperCase() ?? '').join('')
}
