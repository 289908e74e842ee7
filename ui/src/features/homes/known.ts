// What sets single homes on the map apart: chosen, favourite, hidden, opened before, sold.
import type { Marks } from './marks'
import type { Home } from './home'

/** What is known of single homes beyond their bubble. */
export interface Known extends Marks {
  viewed: ReadonlySet<string>
  picked: readonly string[]
  statuses: ReadonlyMap<string, Home['status']>
}

/** What sets a home apart, the strongest first; favourites are told beside it. */
export function stateOf(id: string, { viewed, picked, hidden, statuses }: Known): 'picked' | 'hidden' | 'gone' | 'viewed' | 'plain' {
  const status = statuses.get(id)
  if (picked.includes(id)) return 'picked'
  if (hidden.has(id)) return 'hidden'
  if (status !== undefined && status !== 'active' && status !== 'coming_soon') return 'gone'
  return viewed.has(id) ? 'viewed' : 'plain'
}
