// Users: who may sign in, and as what.
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useState, type SubmitEvent } from 'react'
import { api, take, type Schema } from '~/api/client'
import { fieldMessages } from '~/api/errors'
import { key } from '~/api/keys'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, TextField } from '~/components/Field'
import { Refusal } from '~/components/Refusal'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { Table, type TableColumn } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { textOf } from '~/format/forms'
import { count } from '~/format/numbers'
import { sentence } from '~/format/words'
import { useNarrow } from '~/state/media'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import styles from './Admin.module.css'
import { AdminPage } from './AdminPage'
import { usersQuery } from './queries'
import { RoleField, roleOf } from './RoleField'

type User = Schema<'UserOut'>

export function UsersPage() {
  const [adding, setAdding] = useState(false)
  const { role } = useSession()
  const { data } = useInfiniteQuery({ ...usersQuery, enabled: atLeast(role, 'admin') })
  const users = data?.pages.flatMap((page) => page.items) ?? []
  const inForce = users.filter((user) => user.disabled_at == null).length
  return (
    <AdminPage title="Users" numbers={[{ label: 'May sign in', value: count(inForce) }, { label: 'Shut out', value: count(users.length - inForce) }]} actions={atLeast(role, 'admin') ? <Button look="primary" icon="plus" onClick={() => setAdding(true)}>New user</Button> : undefined}>
      <Users />
      {adding && <NewUser onClose={() => setAdding(false)} />}
    </AdminPage>
  )
}

function Users() {
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(usersQuery)
  const { email: own } = useSession()
  const narrow = useNarrow()
  const [shutting, setShutting] = useState<User | null>(null)
  if (isPending) return <Skeleton rows={6} label="Loading users" />
  if (error !== null) return <div className={styles.content}><ErrorState error={error} what="The users" onRetry={() => void refetch()} /></div>
  const users = data.pages.flatMap((page) => page.items)
  return (
    <div className={styles.content}>
      {users.length === 0 ? <EmptyState title="Nobody may sign in yet">Users stand here as soon as you make one.</EmptyState> : (
        <Table label="Users" rows={users} rowKey={(user) => user.id} columns={columnsOf(own, narrow, setShutting)} />
      )}
      {hasNextPage && <div><Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button></div>}
      {shutting !== null && <ShutOut user={shutting} onClose={() => setShutting(null)} />}
    </div>
  )
}

/** On a phone what a user may do stands under the address, or the button would be out of sight. */
function columnsOf(own: string | null, narrow: boolean, onShut: (user: User) => void): readonly TableColumn<User>[] {
  const state = (user: User) => (user.disabled_at == null ? <Chip look="ok">May sign in</Chip> : <Chip>Shut out</Chip>)
  const name = (user: User) => <>{user.email}{user.email === own && <span className={styles.quiet}> (you)</span>}</>
  const shut: TableColumn<User> = {
    id: 'do', label: <span className="unseen">Actions</span>, align: 'end',
    cell: (user) => (user.disabled_at == null && user.email !== own ? <Button look="plain" className={styles.tight} aria-label={`Shut out ${user.email}`} onClick={() => onShut(user)}>Shut out</Button> : null),
  }
  if (narrow) {
    return [
      { id: 'email', label: 'E-mail and role', cell: (user) => <>{name(user)}<span className={styles.under}><span>{sentence(user.role)}, since <Time at={user.created_at} /></span>{state(user)}</span></> },
      shut,
    ]
  }
  return [
    { id: 'email', label: 'E-mail', cell: name },
    { id: 'role', label: 'Role', cell: (user) => sentence(user.role) },
    { id: 'state', label: 'State', cell: state },
    { id: 'created', label: 'Since', align: 'end', cell: (user) => <Time at={user.created_at} /> },
    shut,
  ]
}

function NewUser({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: (body: Schema<'UserIn'>) => take(api.POST('/api/v1/admin/users', { body })),
    onSuccess: async (user) => {
      onClose()
      toast(`${user.email} may sign in now`)
      await client.invalidateQueries({ queryKey: key('admin') })
    },
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    const password = values.get('password')
    mutate({ email: textOf(values, 'email'), password: typeof password === 'string' ? password : '', role: roleOf(values) })
  }
  const problems = fieldMessages(error)
  return (
    <Dialog title="New user" onClose={onClose} foot={<><Button onClick={onClose}>Cancel</Button><Button type="submit" form="new-user" look="primary" disabled={isPending}>Make the user</Button></>}>
      <form id="new-user" className={formClass} onSubmit={submit}>
        <Refusal error={error} what="The user" />
        <TextField label="E-mail" name="email" type="email" required autoComplete="off" problem={problems.email} hint="The name to sign in with." />
        <TextField label="Password" name="password" type="password" required autoComplete="new-password" problem={problems.password} hint="Tell it to the person yourself; nothing is sent." />
        <RoleField problem={problems.role} />
      </form>
    </Dialog>
  )
}

function ShutOut({ user, onClose }: { user: User; onClose: () => void }) {
  const client = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => take(api.POST('/api/v1/admin/users/{id}/disable', { params: { path: { id: user.id } } })),
    onSuccess: async () => {
      onClose()
      toast(`${user.email} is shut out`)
      await client.invalidateQueries({ queryKey: key('admin') })
    },
  })
  return (
    <Dialog title={`Shut out ${user.email}`} onClose={onClose} foot={<><Button onClick={onClose}>Keep</Button><Button look="danger" disabled={isPending} onClick={() => mutate()}>Shut out</Button></>}>
      <Refusal error={error} what="The user" />
      <p>All sessions end at once, and nobody can sign in with this address again. What the user has done stays.</p>
    </Dialog>
  )
}
