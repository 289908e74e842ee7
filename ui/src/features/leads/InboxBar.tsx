// The filters of the inbox.
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { Icon } from '~/components/Icon'
import { Menu } from '~/components/Menu'
import { count } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import { useIdle } from '~/state/idle'
import { useLater } from '~/state/later'
import styles from './Inbox.module.css'
import { nameOf, usePeople } from './people'
import { marketsQuery } from './queries'
import type { InboxUrl, Sort } from './url'

interface Props {
  search: InboxUrl
  onChange: (change: Partial<InboxUrl>) => void
  /** How many there are of each; absent until it is known. */
  counts: Schema<'LeadCountsOut'> | undefined
}

const PAUSE = 250

const orders: readonly (readonly [Sort, string])[] = [
  ['-score', 'Highest score first'],
  ['-last_interaction_at', 'Last seen first'],
  ['-created_at', 'Newest first'],
  ['name', 'By name'],
]

export function InboxBar({ search, onChange, counts }: Props) {
  const people = usePeople()
  const markets = useQuery({ ...marketsQuery, enabled: useIdle() }).data?.items ?? []
  const { assignee, market, snoozed, sort = '-score' } = search
  // The other counts are of those that are not put off.
  const awake = snoozed === true ? undefined : counts
  const whose = (id: string | undefined, label: string) => ({ label, checked: assignee === id, run: () => onChange({ assignee: id }) })
  return (
    <div className={styles.bar} role="search" aria-label="Filter the leads">
      <div className={styles.filters}>
        <Choice
          legend="Band" hideLegend value={search.band ?? 'all'} onChange={(band) => onChange({ band: band === 'all' ? undefined : band })}
          options={[['all', <Counted key="all" label="All" n={awake?.total} />], ['hot', <Counted key="hot" label="Hot" n={awake?.hot} />], ['warm', <Counted key="warm" label="Warm" n={awake?.warm} />], ['cool', <Counted key="cool" label="Cool" n={awake?.cool} />]]}
        />
        <Button className={styles.toggle} aria-pressed={search.todo === true} onClick={() => onChange({ todo: search.todo === true ? undefined : true })}><Counted label="To do" n={awake?.follow_up} /></Button>
        <Button className={styles.toggle} aria-pressed={snoozed === true} onClick={() => onChange({ snoozed: snoozed === true ? undefined : true })}><Counted label="Snoozed" n={counts?.snoozed} /></Button>
      <Menu label={assignee === undefined ? 'Assigned to anyone' : `Assigned to ${assignee === 'me' ? 'me' : nameOf(assignee, people)}`} items={[whose(undefined, 'Anyone'), whose('me', 'Me'), ...people.filter(({ me }) => !me).map(({ id, name }) => whose(id, name))]} />
      {(markets.length > 1 || market !== undefined) && (
        <Menu
          label={market === undefined ? 'All markets' : `Market: ${markets.find(({ slug }) => slug === market)?.name ?? market}`}
          items={[{ label: 'All markets', checked: market === undefined, run: () => onChange({ market: undefined }) }, ...markets.map(({ slug, name }) => ({ label: name, checked: market === slug, run: () => onChange({ market: slug }) }))]}
        />
      )}
      </div>
      <Words value={search.q} onChange={(q) => onChange({ q })} />
      <span className={styles.order}>
        <Menu label={orders.find(([value]) => value === sort)?.[1] ?? 'Another order'} items={orders.map(([value, label]) => ({ label, checked: value === sort, run: () => onChange({ sort: value === '-score' ? undefined : value }) }))} />
      </span>
    </div>
  )
}

function Counted({ label, n }: { label: string; n: number | undefined }) {
  return <>{label} <span className={styles.count}>{n === undefined ? '' : count(n)}</span></>
}

/** Words to look for; the address follows after a pause. */
function Words({ value = '', onChange }: { value?: string; onChange: (q: string | undefined) => void }) {
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState(value)
  const later = useLater(text, PAUSE)
  const told = useRef(value)
  const change = useRef(onChange)
  change.current = onChange
  useEffect(() => {
    if (later === told.current) return
    told.current = later
    change.current(later.trim() === '' ? undefined : later)
  }, [later])
  // Back, or a button elsewhere, has changed the address.
  useEffect(() => {
    if (value === told.current) return
    told.current = value
    setText(value)
  }, [value])
  useShortcuts([{ keys: 'f', label: 'Look for a name', group: 'Leads', run: () => field.current?.focus() }])
  return (
    <label className={styles.words}>
      <Icon name="filter" size={16} />
      <span className="unseen">Name, e-mail or phone</span>
      <input
        ref={field} type="search" value={text} placeholder="Name, e-mail or phone" maxLength={200} aria-keyshortcuts="F" onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => { if (event.key === 'Escape') { event.preventDefault(); setText(''); field.current?.blur() } }}
      />
    </label>
  )
}
