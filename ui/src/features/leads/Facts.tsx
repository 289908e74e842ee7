// What is known of a lead, each fact changed where it stands.
import { useQuery } from '@tanstack/react-query'
import { decimal, money } from '~/format/numbers'
import { sentence } from '~/format/words'
import { toast } from '~/state/toasts'
import { atLeast, useSession } from '~/state/session'
import { useChangeLeads, type LeadPatch } from './changes'
import { Fact } from './Fact'
import styles from './Facts.module.css'
import { parseCustom, parseList, parseRange, typedRange, withWish } from './factText'
import { nameOf, usePeople } from './people'
import { marketsQuery, type Lead } from './queries'
import { range } from './words'

export function Facts({ lead }: { lead: Lead }) {
  const { save, editable } = useSave(lead)
  const people = usePeople()
  const markets = useQuery(marketsQuery).data?.items ?? []
  const marketName = markets.find(({ slug }) => slug === lead.market)?.name ?? lead.market ?? ''
  const text = (label: string, field: 'name' | 'phone' | 'email' | 'stage' | 'source' | 'external_id', type?: 'email' | 'tel') => {
    const value = lead[field] ?? ''
    const shown = field === 'stage' || field === 'source' ? sentence(value) : field === 'email' && value !== '' ? <Address of={value} /> : value
    return <Fact key={field} label={label} shown={shown} value={value} type={type} editable={editable} onSave={(next) => save({ [field]: next === '' ? null : next }, label)} beside={besideOf(field, value)} />
  }
  return (
    <section className={styles.facts} aria-label="Facts">
      <dl>
        {text('Name', 'name')}
        {text('Phone', 'phone', 'tel')}
        {text('E-mail', 'email', 'email')}
        <Fact label="Assigned to" shown={nameOf(lead.assignee, people)} value={lead.assignee ?? ''} options={[['', 'Nobody'], ...people.map(({ id, name, me }) => [id, me ? 'Me' : name] as const)]} editable={editable} onSave={(next) => save({ assignee: next === '' ? null : next }, 'Assigned to')} />
        {text('Stage', 'stage')}
        <Fact label="Outcome" shown={lead.outcome == null ? 'Open' : sentence(lead.outcome)} value={lead.outcome ?? ''} options={[['', 'Open'], ['won', 'Won'], ['lost', 'Lost']]} editable={editable} onSave={(next) => save({ outcome: next === 'won' || next === 'lost' ? next : null }, 'Outcome')} />
        {text('Source', 'source')}
        <Fact label="Market" shown={marketName} value={lead.market ?? ''} options={[['', 'No market'], ...markets.map(({ slug, name }) => [slug, name] as const)]} editable={editable} onSave={(next) => save({ market: next === '' ? null : next }, 'Market')} />
        <Fact label="Labels" shown={lead.tags.join(', ')} value={lead.tags.join(', ')} hint="With commas between" editable={editable} onSave={(next) => save({ tags: parseList(next) }, 'Labels')} />
        {text('Id elsewhere', 'external_id')}
      </dl>
      <Wishes lead={lead} />
      <CustomFields lead={lead} />
    </section>
  )
}

function Wishes({ lead }: { lead: Lead }) {
  const { save, editable } = useSave(lead)
  const { preferences } = lead
  const ranged = (label: string, field: 'price' | 'bedrooms' | 'bathrooms' | 'living_area_sqft', write?: (value: number) => string) => (
    <Fact
      label={label} shown={range(preferences[field], write) ?? ''} value={typedRange(preferences[field])} hint="3+, up to 500K, 2 to 4" editable={editable}
      onSave={(next) => {
        const value = parseRange(next)
        if (value === undefined) toast(`“${next}” was not understood. Write 3+, up to 500K or 2 to 4.`, { look: 'error' })
        else save(withWish(lead, field, value), label)
      }}
    />
  )
  const listed = (label: string, field: 'property_types' | 'keywords') => {
    const value = (preferences[field] ?? []).join(', ')
    return <Fact label={label} shown={value} value={value} hint="With commas between" editable={editable} onSave={(next) => save(withWish(lead, field, next === '' ? null : parseList(next)), label)} />
  }
  return (
    <>
      <h2>Looks for</h2>
      <dl>
        {ranged('Price', 'price', (value) => money(value))}
        {ranged('Bedrooms', 'bedrooms')}
        {ranged('Bathrooms', 'bathrooms')}
        {ranged('Living area, sqft', 'living_area_sqft')}
        {listed('Types', 'property_types')}
        {listed('Words', 'keywords')}
        {preferences.near != null && <Fact label="Near" shown={`within ${decimal(preferences.near.radius_m / 1609.344)} mi of ${decimal(preferences.near.latitude, 3)}, ${decimal(preferences.near.longitude, 3)}`} value="" editable={false} onSave={() => undefined} />}
      </dl>
    </>
  )
}

function CustomFields({ lead }: { lead: Lead }) {
  const { save, editable } = useSave(lead)
  const entries = Object.entries(lead.custom)
  if (entries.length === 0) return null
  return (
    <>
      <h2>More about them</h2>
      <dl>
        {entries.map(([name, value]) => {
          const typed = typeof value === 'boolean' ? (value ? 'yes' : 'no') : String(value)
          return (
            <Fact
              key={name} label={sentence(name)} shown={typeof value === 'boolean' ? sentence(typed) : typed} value={typed} numeric={typeof value === 'number'} editable={editable}
              options={typeof value === 'boolean' ? [['yes', 'Yes'], ['no', 'No'], ['', 'Not known']] : undefined}
              onSave={(next) => save({ custom: { [name]: parseCustom(value, next) } }, sentence(name))}
            />
          )
        })}
      </dl>
    </>
  )
}

function useSave(lead: Lead) {
  const change = useChangeLeads()
  const editable = atLeast(useSession().role, 'agent')
  return { editable, save: (patch: LeadPatch, label: string) => void change([lead], patch, `${label} changed`) }
}

function besideOf(field: string, value: string) {
  if (value === '') return undefined
  if (field === 'phone') return <a href={`tel:${value}`}>Call</a>
  return field === 'email' ? <a href={`mailto:${value}`}>Write</a> : undefined
}

/** An e-mail address: where it is too long, it goes on in the next line at its @. */
function Address({ of: address }: { of: string }) {
  const at = Math.max(0, address.lastIndexOf('@'))
  return <span>{address.slice(0, at)}<wbr />{address.slice(at)}</span>
}
