// The command palette: jump to a page, a lead, a home, a market or a saved search by typing.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useState } from 'react'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { Dialog } from '~/components/Dialog'
import { Icon, type IconName } from '~/components/Icon'
import type { Place } from '~/navigation'
import { usePlaces } from '~/shell/Shell'
import { useLater } from '~/state/later'
import { paletteOpen } from '~/state/overlays'
import styles from './Palette.module.css'
import { shownKeys } from './registry'

type Hit = Schema<'HitOut'>

const PAUSE = 120
// Of each kind.
const MOST = 5

const kinds: Record<string, { heading: string; icon: IconName }> = {
  lead: { heading: 'Leads', icon: 'user' },
  listing: { heading: 'Homes', icon: 'home' },
  market: { heading: 'Markets', icon: 'market' },
  saved_search: { heading: 'Saved searches', icon: 'saved' },
}

export default function Palette() {
  const places = usePlaces()
  const [text, setText] = useState('')
  const typed = text.trim().toLowerCase()
  const q = useLater(text.trim(), PAUSE)
  const { data, isFetching, isError } = useQuery({
    queryKey: key('leads', 'find', { q }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/search', { params: { query: { q, limit: MOST } }, signal })),
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  })
  const groups = q.length > 1 && typed !== '' ? (data?.groups ?? []).filter(({ kind }) => kind in kinds) : []
  const matching = places.filter((place) => place.label.toLowerCase().includes(typed))
  // Who types the beginning of a page wants the page; otherwise it is somebody or something.
  const first = typed === '' ? [] : matching.filter((place) => place.label.toLowerCase().startsWith(typed))
  const nothing = groups.length === 0 && matching.length === 0
  const rest = matching.filter((place) => !first.includes(place))
  return (
    <Dialog title="Search or jump to" bare width={600} onClose={() => paletteOpen.set(false)}>
      <Command label="Search or jump to" shouldFilter={false} className={styles.palette} loop>
        <div className={styles.box}>
          <Icon name="search" />
          <Command.Input value={text} onValueChange={setText} placeholder="A page, a person, a home" className={styles.input} />
        </div>
        {/* A list without anything in it is none. */}
        {nothing && <p className={styles.empty} role="status">{isError ? 'The search failed. Pages are found all the same.' : isFetching || q !== text.trim() ? 'Looking' : 'Nothing found. Try fewer letters.'}</p>}
        <Command.List className={styles.list} label="Results" hidden={nothing}>
          <Pages places={first} />
          {groups.map(({ kind, items }) => (
            <Command.Group key={kind} heading={kinds[kind]?.heading} className={styles.group}>
              {items.map((hit) => <Found key={hit.id} hit={hit} />)}
            </Command.Group>
          ))}
          <Pages places={rest} />
        </Command.List>
      </Command>
    </Dialog>
  )
}

function Found({ hit: { kind, id, title, subtitle } }: { hit: Hit }) {
  const navigate = useNavigate()
  const open = () => {
    paletteOpen.set(false)
    if (kind === 'lead') void navigate({ to: '/', search: { lead: id } })
    else if (kind === 'listing') void navigate({ to: '/homes/$id', params: { id } })
    else if (kind === 'market') void navigate({ to: '/markets/$id', params: { id } })
    else void navigate({ to: '/searches', search: { search: id } })
  }
  return (
    <Command.Item value={`${kind} ${id}`} className={styles.item} onSelect={open}>
      <Icon name={kinds[kind]?.icon ?? 'search'} size={16} />
      <span>{title}</span>
      {subtitle != null && <small>{subtitle}</small>}
    </Command.Item>
  )
}

function Pages({ places }: { places: readonly Place[] }) {
  const navigate = useNavigate()
  if (places.length === 0) return null
  return (
    <Command.Group heading="Pages" className={styles.group}>
      {places.map((place) => (
        <Command.Item key={place.to} value={place.to} className={styles.item} onSelect={() => { paletteOpen.set(false); void navigate({ to: place.to }) }}>
          <Icon name={place.icon} size={16} />
          <span>{place.label}</span>
          <span className={styles.end}><kbd>{shownKeys(`g ${place.letter}`)}</kbd></span>
        </Command.Item>
      ))}
    </Command.Group>
  )
}
