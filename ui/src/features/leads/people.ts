// Who leads can be assigned to, and what they are called.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import { useIdle } from '~/state/idle'
import { atLeast, useSession } from '~/state/session'

export interface Person {
  id: string
  /** The part of the address before the @, since the server knows no other name. */
  name: string
  email: string
  me: boolean
}

const peopleQuery = queryOptions({
  queryKey: key('admin', 'people'),
  queryFn: async ({ signal }) => (await take(api.GET('/api/v1/admin/users', { params: { query: { limit: 200 } }, signal }))).items,
  staleTime: 5 * 60_000,
})

/** Everybody with an account, as far as the reader may know of them; once the page has come. */
function useUsers() {
  const { role } = useSession()
  const idle = useIdle()
  return useQuery({ ...peopleQuery, enabled: idle && atLeast(role, 'admin') }).data
}

/** The reader first, then everybody who can sign in and may change leads; only admins may see the others. */
export function usePeople(): readonly Person[] {
  const { user_id, email } = useSession()
  const users = useUsers()
  return useMemo(() => {
    const me = user_id === null || email === null ? [] : [{ id: user_id, name: short(email), email, me: true }]
    const others = (users ?? [])
      .filter((user) => user.id !== user_id && user.disabled_at == null && atLeast(user.role, 'agent'))
      .map((user) => ({ id: user.id, name: short(user.email), email: user.email, me: false }))
    return [...me, ...others]
  }, [user_id, email, users])
}

/** What people are called, whatever they may do; null of those whom the reader does not know. */
export function useNames(): (id: string) => string | null {
  const users = useUsers()
  return (id) => {
    const found = users?.find((user) => user.id === id)
    return found === undefined ? null : short(found.email)
  }
}

/** `Me`, a name, or that it is somebody else. */
export function nameOf(id: string | null | undefined, people: readonly Person[]): string {
  if (id == null) return 'Nobody'
  const found = people.find((person) => person.id === id)
  return found === undefined ? 'A colleague' : found.me ? 'Me' : found.name
}

/** ` by ann`, ` by me`, ` by a colleague`, ` by a program`, of an actor such as `user:ID`; nothing where it is not said. */
export function by(actor: unknown, people: readonly Person[]): string {
  if (typeof actor !== 'string') return ''
  if (!actor.startsWith('user:')) return ' by a program'
  const name = nameOf(actor.slice('user:'.length), people)
  return ` by ${['Me', 'A colleague'].includes(name) ? name.toLowerCase() : name}`
}

function short(email: string): string {
  return email.split('@', 1)[0] ?? email
}
