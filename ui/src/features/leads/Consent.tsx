// What a lead agreed to: where each channel stands, the ledger behind it, and a form to append to it.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { formClass, TextArea, TextField } from '~/components/Field'
import { ErrorState, Skeleton } from '~/components/states'
import { Chip } from '~/components/Tier'
import { Time } from '~/components/Time'
import { toast } from '~/state/toasts'
import { atLeast, useSession } from '~/state/session'
import { patchLead, reason } from './changes'
import styles from './Consent.module.css'
import { consentQuery } from './queries'

type Channel = Schema<'Channel'>
type Status = Schema<'ConsentStatus'>

const channels: readonly (readonly [Channel, string])[] = [['phone', 'Calls'], ['sms', 'Text messages'], ['email', 'E-mail']]
const words: Record<Status, string> = { granted: 'Granted', revoked: 'Taken back' }

export default function Consent({ id }: { id: string }) {
  const { data, isPending, error, refetch } = useQuery(consentQuery(id))
  const canChange = atLeast(useSession().role, 'agent')
  if (isPending) return <Skeleton rows={4} label="Loading the consent" />
  if (error !== null) return <ErrorState error={error} what="The consent" onRetry={() => void refetch()} />
  const { items } = data
  const stands = (channel: Channel) => items.find((item) => item.channel === channel)?.status
  return (
    <div className={styles.consent}>
      <dl className={styles.now}>
        {channels.map(([channel, label]) => {
          const status = stands(channel)
          return <div key={channel}><dt>{label}</dt><dd>{status === undefined ? <Chip>Not asked</Chip> : <Chip look={status === 'granted' ? 'ok' : 'hot'}>{words[status]}</Chip>}</dd></div>
        })}
      </dl>
      {items.length === 0 ? <p className={styles.quiet}>Nothing is on record.</p> : (
        <ol className={styles.ledger}>
          {items.map((item, index) => (
            <li key={index}>
              <b>{channels.find(([channel]) => channel === item.channel)?.[1]}: {words[item.status].toLowerCase()}</b>
              <span className={styles.quiet}>{item.at != null && <Time at={item.at} style="exact" />}{item.source != null && `, ${item.source}`}</span>
              {item.text != null && <q>{item.text}</q>}
            </li>
          ))}
        </ol>
      )}
      {canChange && <Append id={id} />}
    </div>
  )
}

function Append({ id }: { id: string }) {
  const client = useQueryClient()
  const [channel, setChannel] = useState<Channel>('phone')
  const [status, setStatus] = useState<Status>('granted')
  const [source, setSource] = useState('')
  const [text, setText] = useState('')
  const append = useMutation({
    mutationFn: () => patchLead(client, id, { consent: [{ channel, status, source: source.trim() || null, text: text.trim() || null }] }),
    onSuccess() {
      setSource('')
      setText('')
      toast('Consent recorded')
    },
  })
  return (
    <form className={`${formClass} ${styles.append}`} aria-label="Record consent" onSubmit={(event) => { event.preventDefault(); append.mutate() }}>
      <h3>Record what they said</h3>
      <Choice legend="About" value={channel} onChange={setChannel} options={channels} />
      <Choice legend="They" value={status} onChange={setStatus} options={[['granted', 'Agreed'], ['revoked', 'Took it back']]} />
      <TextField label="Where they said so" placeholder="On the phone" value={source} maxLength={500} onChange={(event) => setSource(event.target.value)} />
      <TextArea label="The wording they saw or heard" value={text} maxLength={10_000} onChange={(event) => setText(event.target.value)} problem={append.isError ? reason(append.error) : undefined} />
      <div><Button type="submit" disabled={append.isPending}>Add to the ledger</Button></div>
    </form>
  )
}
