// A field that finds a lead by a few letters: arrows choose, Enter takes.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useId, useState, type KeyboardEvent } from 'react'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import { IconButton } from '~/components/Button'
import { Tier } from '~/components/Tier'
import type { Lead } from '~/features/leads/queries'
import { leadName } from '~/format/words'
import { useLater } from '~/state/later'
import styles from './LeadField.module.css'

export interface Chosen {
  id: string
  name: string
}

interface Props {
  value: Chosen | null
  onChange: (value: Chosen | null) => void
}

const PAUSE = 120
const MOST = 5

export function LeadField({ value, onChange }: Props) {
  const id = useId()
  const [text, setText] = useState('')
  const [at, setAt] = useState(0)
  const q = useLater(text.trim(), PAUSE)
  const isAsking = q.length > 1 && value === null
  const { data } = useQuery({
    queryKey: key('leads', 'search', { q, limit: MOST }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads', { params: { query: { q, limit: MOST, sort: '-score', snoozed: 'include' } }, signal })),
    enabled: isAsking,
    placeholderData: keepPreviousData,
  })
  if (value !== null) {
    return (
      <div className={styles.chosen}>
        <p className={styles.label}>Lead</p>
        <p><b>{value.name}</b> <IconButton icon="close" label={`Another lead than ${value.name}`} onClick={() => onChange(null)} /></p>
      </div>
    )
  }
  const found = isAsking ? (data?.items ?? []) : []
  const active = Math.min(at, found.length - 1)
  const choose = (lead: Lead) => onChange({ id: lead.id, name: leadName(lead) })
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') setAt((active + 1) % Math.max(1, found.length))
    else if (event.key === 'ArrowUp') setAt((active - 1 + found.length) % Math.max(1, found.length))
    else if (event.key === 'Enter' && found[active] !== undefined) choose(found[active])
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.field}>
      <label htmlFor={id} className={styles.label}>Lead</label>
      <input
        id={id} className={styles.input} role="combobox" aria-autocomplete="list" aria-expanded={found.length > 0} aria-controls={`${id}-list`} aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
        value={text} placeholder="Name, e-mail or phone" autoComplete="off" maxLength={200} onKeyDown={onKeyDown} onChange={(event) => { setText(event.target.value); setAt(0) }}
      />
      <div id={`${id}-list`} role="listbox" aria-label="Leads" className={styles.list} hidden={found.length === 0}>
        {found.map((lead, index) => (
          // The field hears the keys for all of them.
          // eslint-disable-next-line jsx-a11y/click-events-have-key-events
          <div key={lead.id} id={`${id}-${index}`} role="option" tabIndex={-1} aria-selected={index === active} className={styles.option} onClick={() => choose(lead)}>
            <span>{leadName(lead)}</span>
            {lead.tier != null && <Tier tier={lead.tier} />}
          </div>
        ))}
      </div>
      {isAsking && data?.items.length === 0 && <p className={styles.none} role="status">Nobody is called so. Try fewer letters.</p>}
    </div>
  )
}
