// Names of what the cache holds: `[noun, id?, filter?]`.
import { hashKey, type QueryKey } from '@tanstack/react-query'

/** What a key is about. A page that shows something new adds its noun. */
export type Noun =
  | 'session'
  | 'leads'
  | 'homes'
  | 'estimates'
  | 'markets'
  | 'searches'
  | 'tasks'
  | 'notifications'
  | 'imports'
  | 'jobs'
  | 'analyses'
  | 'models'
  | 'admin'
  | 'dashboard'
  | 'performance'
  | 'reference'

type Part = string | number | object | undefined

/**
 * A key: `key('leads', 'list', { tier: 'hot' })`, `key('leads', id, 'timeline')`.
 * Absent filters are left out and objects are compared without order, so that one view has one key.
 */
export function key(noun: Noun, ...parts: Part[]): readonly [Noun, ...Part[]] {
  return [noun, ...parts]
}

let tenant = ''

/** Tells the cache whose answers it holds from now on. */
export function setTenant(id: string): void {
  tenant = id
}

/** Hashes a key together with the tenant, so that one tenant's answers are never shown to another. */
export function hashWithTenant(queryKey: QueryKey): string {
  const hash = hashKey(queryKey)
  return queryKey[0] === 'session' ? hash : `${tenant} ${hash}`
}
