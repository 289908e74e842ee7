// The inbox without a lead: there are none, or the filters leave none, and which of them takes the most.
import { useQueries } from '@tanstack/react-query'
import type { Schema } from '~/api/client'
import { Button } from '~/components/Button'
import { EmptyState } from '~/components/states'
import { plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import { useSession } from '~/state/session'
import { act } from './action'
import { countsQuery } from './queries'
import type { LeadFilter } from './url'

interface Props {
  filter: LeadFilter
  canCreate: boolean
  onChange: (change: LeadFilter) => void
}

const names = ['band', 'todo', 'snoozed', 'assignee', 'market', 'q'] as const
type Name = (typeof names)[number]

export default function NoLeads({ filter, canCreate, onChange }: Props) {
  const active = names.filter((name) => filter[name] !== undefined)
  if (active.length === 1 && filter.snoozed === true) return <EmptyState title="Nobody is snoozed" action={<Button onClick={() => onChange({ snoozed: undefined })}>Show the inbox</Button>}>Who is put off for later stands here until then, or until they write.</EmptyState>
  if (active.length > 0) return <Filtered filter={filter} active={active} onChange={onChange} />
  const create = canCreate && <Button look="primary" icon="plus" onClick={() => act({ kind: 'create' })}>New lead</Button>
  return <EmptyState title="No leads yet" action={create}>They appear here, most urgent first, as soon as they are imported, sent by a form or written down.</EmptyState>
}

function Filtered({ filter, active, onChange }: { filter: LeadFilter; active: readonly Name[] } & Pick<Props, 'onChange'>) {
  const { user_id: me } = useSession()
  const without = active.map((name) => ({ ...filter, [name]: undefined }))
  const counts = useQueries({ queries: without.map((rest) => countsQuery(rest, me)) })
  const found = active.map((name, index) => ({ name, n: left(without[index] ?? {}, counts[index]?.data) })).sort((a, b) => (b.n ?? 0) - (a.n ?? 0))
  const clear = () => onChange({ band: undefined, todo: undefined, snoozed: undefined, assignee: undefined, market: undefined, q: undefined })
  return (
    <EmptyState
      title="No lead fits these filters"
      action={(
        <>
          {found.map(({ name, n }) => (n === 0 ? null : <Button key={name} onClick={() => onChange({ [name]: undefined })}>Without {words(name, filter)}{n !== undefined && `: ${plural(n, 'lead')}`}</Button>))}
          {active.length > 1 && <Button look="plain" onClick={clear}>Clear all filters</Button>}
        </>
      )}
    >
      {found[0]?.n === 0 ? 'Only without all of them there are leads.' : 'These are there when one of them is taken away, most first.'}
    </EmptyState>
  )
}

/** How many leads the filter leaves, where the counts can say so. */
function left({ band, todo, snoozed }: LeadFilter, counts: Schema<'LeadCountsOut'> | undefined): number | undefined {
  if (counts === undefined || [band, todo, snoozed].filter((part) => part !== undefined).length > 1) return undefined
  if (snoozed === true) return counts.snoozed
  return band !== undefined ? counts[band] : todo === undefined ? counts.total : counts.follow_up
}

function words(name: Name, { band, market, q }: LeadFilter): string {
  if (name === 'band') return `“${sentence(band ?? '')}”`
  if (name === 'todo') return '“To do”'
  if (name === 'snoozed') return '“Snoozed”'
  if (name === 'q') return `“${q}”`
  return name === 'market' ? `the market ${market}` : 'the person'
}
