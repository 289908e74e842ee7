// A person who called or came in, written down by hand.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { fieldMessages } from '~/api/errors'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { formClass, SelectField, TextField } from '~/components/Field'
import { toast } from '~/state/toasts'
import { done } from '../action'
import { createLead, reason } from '../changes'
import { usePeople } from '../people'
import { marketsQuery } from '../queries'
import styles from './Dialogs.module.css'

const fields = ['name', 'email', 'phone', 'source', 'stage', 'market', 'assignee', 'price', 'bedrooms'] as const
type Values = Record<(typeof fields)[number], string>

/** The form as the server wants it; what was left blank is left out. */
export function leadIn(values: Values): Schema<'LeadIn'> {
  const { name, email, phone, source, stage, market, assignee } = Object.fromEntries(fields.map((field) => [field, values[field].trim() || undefined]))
  const price = Number(values.price.replaceAll(/[$,\s]/g, ''))
  const bedrooms = Number(values.bedrooms)
  const preferences: Schema<'Preferences'> = {}
  if (values.price.trim() !== '' && Number.isFinite(price)) preferences.price = { max: price }
  if (values.bedrooms.trim() !== '' && Number.isFinite(bedrooms)) preferences.bedrooms = { min: bedrooms }
  const wishes = Object.keys(preferences).length === 0 ? undefined : preferences
  return { name, email, phone, source, stage, market, assignee, preferences: wishes }
}

export default function NewLeadDialog() {
  const client = useQueryClient()
  const navigate = useNavigate()
  const people = usePeople()
  const markets = useQuery(marketsQuery).data?.items ?? []
  const [values, setValues] = useState<Values>({ name: '', email: '', phone: '', source: '', stage: '', market: '', assignee: people[0]?.id ?? '', price: '', bedrooms: '' })
  const market = values.market || (markets.length === 1 ? (markets[0]?.slug ?? '') : '')
  const create = useMutation({
    mutationFn: () => createLead(client, leadIn({ ...values, market })),
    onSuccess(lead) {
      done()
      toast('Lead created')
      void navigate({ to: '/leads/$id', params: { id: lead.id } })
    },
  })
  const problems = fieldMessages(create.error)
  const bind = (field: keyof Values) => ({ value: values[field], problem: problems[field], onChange: (event: { target: { value: string } }) => setValues((all) => ({ ...all, [field]: event.target.value })) })
  const reachable = values.name.trim() !== '' || values.email.trim() !== '' || values.phone.trim() !== ''
  return (
    <Dialog title="New lead" width={560} onClose={done}>
      <form className={formClass} onSubmit={(event) => { event.preventDefault(); create.mutate() }}>
        <div className={styles.two}>
          <TextField label="Name" maxLength={200} autoComplete="off" {...bind('name')} />
          <TextField label="Phone" type="tel" autoComplete="off" {...bind('phone')} />
          <TextField label="E-mail" type="email" autoComplete="off" {...bind('email')} />
          <TextField label="Source" placeholder="referral" autoComplete="off" {...bind('source')} />
          <TextField label="Highest price" inputMode="numeric" autoComplete="off" {...bind('price')} problem={problems['preferences/price/max'] ?? problems['preferences/price']} />
          <TextField label="Bedrooms, at least" inputMode="numeric" autoComplete="off" {...bind('bedrooms')} problem={problems['preferences/bedrooms/min']} />
          <SelectField label="Market" {...bind('market')} value={market}>
            <option value="">No market</option>
            {markets.map(({ slug, name }) => <option key={slug} value={slug}>{name}</option>)}
          </SelectField>
          <SelectField label="Assigned to" {...bind('assignee')}>
            <option value="">Nobody</option>
            {people.map(({ id, name, me }) => <option key={id} value={id}>{me ? 'Me' : name}</option>)}
          </SelectField>
        </div>
        {create.isError && Object.keys(problems).length === 0 && <p role="alert" className={styles.problem}>{reason(create.error)}</p>}
        <div className={styles.foot}>
          <Button onClick={done}>Cancel</Button>
          <Button type="submit" look="primary" disabled={!reachable || create.isPending}>Create the lead</Button>
        </div>
      </form>
    </Dialog>
  )
}
