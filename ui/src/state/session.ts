// Who is signed in, and whether that has ended while a page was open.
import { queryOptions, useQuery, type QueryClient } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key, setTenant } from '~/api/keys'
import { createStore } from './store'

export type Session = Schema<'SessionOut'>
export type Role = Schema<'Role'>

/** Whether the server has said that the session is over; the page stays until the user signs in again. */
export const expired = createStore(false)

export function expire(): void {
  expired.set(true)
}

export const sessionQuery = queryOptions({
  queryKey: key('session'),
  queryFn: async ({ signal }): Promise<Session> => {
    const session = await take(api.GET('/api/v1/session', { signal }))
    setTenant(session.tenant_id)
    expired.set(false)
    return session
  },
  staleTime: Infinity,
  retry: false,
})

/** The session of a page behind the guard. */
export function useSession(): Session {
  const { data } = useQuery(sessionQuery)
  if (data === undefined) throw new Error('this page is used outside the session guard')
  return data
}

const RANK: Record<Role, number> = { 'read-only': 0, analyst: 1, agent: 2, admin: 3, owner: 4 }

/** Whether the role includes all that the other may do. The server decides; this only leaves out what it would refuse. */
export function atLeast(role: Role, needed: Role): boolean {
  return RANK[role] >= RANK[needed]
}

/** The roles that may import; an agent, who ranks above the analyst, may not. */
export const importers = ['owner', 'admin', 'analyst'] as const satisfies Role[]

export function mayImport(role: Role): boolean {
  return importers.some((one) => one === role)
}

export interface Credentials {
  tenant: string
  email: string
  password: string
}

let signedIn = false

/** Whether somebody signed in since the document was opened. */
export function hasSignedIn(): boolean {
  return signedIn
}

/** Signs in; the cookie is set by the server. What somebody else was shown before is forgotten. */
export async function signIn(client: QueryClient, credentials: Credentials): Promise<void> {
  const before = client.getQueryData(sessionQuery.queryKey)
  await take(api.POST('/api/v1/session', { body: credentials }))
  signedIn = true
  const { user_id } = await client.query({ ...sessionQuery, staleTime: 0 })
  if (before !== undefined && before.user_id !== user_id) client.removeQueries({ predicate: (query) => query.queryKey[0] !== 'session' })
}

/** Signs out and forgets everything that was shown. */
export async function signOut(client: QueryClient): Promise<void> {
  await take(api.DELETE('/api/v1/session'))
  client.clear()
}
