// Keys: what programs sign in with. A new one is shown once.
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
import { Table } from '~/components/Table'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { textOf } from '~/format/forms'
import { count } from '~/format/numbers'
import { sentence } from '~/format/words'
import { copy } from '~/state/clipboard'
import { atLeast, useSession } from '~/state/session'
import { toast } from '~/state/toasts'
import styles from './Admin.module.css'
import { AdminPage } from './AdminPage'
import { keysQuery } from './queries'
import { RoleField, roleOf } from './RoleField'

type Key = Schema<'KeyOut'>

export function KeysPage() {
  const [adding, setAdding] = useState(false)
  const { role } = useSession()
  const { data } = useInfiniteQuery({ ...keysQuery, enabled: atLeast(role, 'admin') })
  const keys = data?.pages.flatMap((page) => page.items).filter((one) => one.revoked_at == null) ?? []
  return (
    <AdminPage title="Keys" numbers={[{ label: 'In force', value: count(keys.length) }, { label: 'Never used', value: count(keys.filter((one) => one.last_used_at == null).length) }]} actions={atLeast(role, 'admin') ? <Button look="primary" icon="plus" onClick={() => setAdding(true)}>New key</Button> : undefined}>
      <Keys />
      {adding && <NewKey onClose={() => setAdding(false)} />}
    </AdminPage>
  )
}

function Keys() {
  const { data, isPending, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(keysQuery)
  const [revoking, setRevoking] = useState<Key | null>(null)
  if (isPending) return <Skeleton rows={6} label="Loading keys" />
  if (error !== null) return <div className={styles.content}><ErrorState error={error} what="The keys" onRetry={() => void refetch()} /></div>
  const keys = data.pages.flatMap((page) => page.items)
  return (
    <div className={styles.content}>
      {keys.length === 0 ? <EmptyState title="No keys yet">A program needs one to call the API: a form on your site, a feed, a script.</EmptyState> : (
        <Table
          label="Keys" rows={keys} rowKey={(one) => one.id}
          columns={[
            { id: 'name', label: 'Name', cell: (one) => one.name },
            { id: 'role', label: 'Role', cell: (one) => sentence(one.role) },
            { id: 'state', label: 'State', cell: (one) => (one.revoked_at == null ? <Chip look="ok">In force</Chip> : <Chip>Revoked</Chip>) },
            { id: 'used', label: 'Last used', align: 'end', cell: (one) => (one.last_used_at == null ? <span className={styles.quiet}>never</span> : <Time at={one.last_used_at} />) },
            { id: 'created', label: 'Made', align: 'end', cell: (one) => <Time at={one.created_at} /> },
            { id: 'do', label: <span className="unseen">Actions</span>, align: 'end', cell: (one) => (one.revoked_at == null ? <Button look="plain" aria-label={`Revoke ${one.name}`} onClick={() => setRevoking(one)}>Revoke</Button> : null) },
          ]}
        />
      )}
      {hasNextPage && <div><Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>Show more</Button></div>}
      {revoking !== null && <Revoke of={revoking} onClose={() => setRevoking(null)} />}
    </div>
  )
}

function NewKey({ onClose }: { onClose: () => void }) {
  const client = useQueryClient()
  const { mutate, data, isPending, error } = useMutation({
    mutationFn: (body: Schema<'KeyIn'>) => take(api.POST('/api/v1/admin/keys', { body })),
    onSuccess: () => client.invalidateQueries({ queryKey: key('admin', 'keys') }),
  })
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    const values = new FormData(event.currentTarget)
    mutate({ name: textOf(values, 'name'), role: roleOf(values) })
  }
  if (data !== undefined) return <Made of={data} onClose={onClose} />
  const problems = fieldMessages(error)
  return (
    <Dialog title="New key" onClose={onClose} foot={<><Button onClick={onClose}>Cancel</Button><Button type="submit" form="new-key" look="primary" disabled={isPending}>Make the key</Button></>}>
      <form id="new-key" className={formClass} onSubmit={submit}>
        <Refusal error={error} what="The key" />
        <TextField label="Name" name="name" required maxLength={200} autoComplete="off" problem={problems.name} hint="Where it is used, so that you know which one to revoke." />
        <RoleField problem={problems.role} />
      </form>
    </Dialog>
  )
}

/** The secret, this once. */
function Made({ of, onClose }: { of: Schema<'NewKeyOut'>; onClose: () => void }) {
  const secret = of.key ?? ''
  const take = async () => toast((await copy(secret)) ? 'Key copied' : 'The browser does not allow copying here; select the key instead')
  return (
    <Dialog title={`Key ${of.name}`} onClose={onClose} foot={<Button look="primary" onClick={onClose}>I have stored it</Button>}>
      <div className={formClass}>
        <p>This is the only time that the key is shown. Store it where the program finds it.</p>
        <div className={styles.secret}>
          <code>{secret}</code>
          <Button onClick={() => void take()}>Copy</Button>
        </div>
      </div>
    </Dialog>
  )
}

function Revoke({ of, onClose }: { of: Key; onClose: () => void }) {
  const client = useQueryClient()
  const { mutate, isPending, error } = useMutation({
    mutationFn: () => take(api.DELETE('/api/v1/admin/keys/{id}', { params: { path: { id: of.id } } })),
    onSuccess: async () => {
      onClose()
      toast(`Key ${of.name} revoked`)
      await client.invalidateQueries({ queryKey: key('admin') })
    },
  })
  return (
    <Dialog title={`Revoke ${of.name}`} onClose={onClose} foot={<><Button onClick={onClose}>Keep it</Button><Button look="danger" disabled={isPending} onClick={() => mutate()}>Revoke the key</Button></>}>
      <Refusal error={error} what="The key" />
      <p>Programs that use it are refused at once. It cannot be brought back.</p>
    </Dialog>
  )
}
