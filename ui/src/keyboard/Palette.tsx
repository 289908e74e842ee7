// The command palette: jump to a page, a lead or a home by typing.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Command } from 'cmdk'
import { useState } from 'react'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import { Dialog } from '~/components/Dialog'
import { Icon } from '~/components/Icon'
import { Tier } from '~/components/Tier'
import { leadName } from '~/format/words'
import { usePlaces } from '~/shell/Shell'
import { useLater } from '~/state/later'
import { paletteOpen } from '~/state/overlays'
import styles from './Palette.module.css'
import { shownKeys } from './registry'

const PAUSE = 120
const MOST = 8

export default function Palette() {
  const navigate = useNavigate()
  const places = usePlaces()
  const [text, setText] = useState('')
  const q = useLater(text.trim(), PAUSE)
  const leads = useQuery({
    queryKey: key('leads', 'search', { q }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/leads', { params: { query: { q, limit: MOST, sort: '-score' } }, signal })),
    enabled: q.length > 1,
    placeholderData: keepPreviousData,
  })
  const close = () => paletteOpen.set(false)
  const go = (run: () => void) => () => {
    close()
    run()
  }
  const found = q.length > 1 ? (leads.data?.items ?? []) : []
  const matching = places.filter((place) => place.label.toLowerCase().includes(text.trim().toLowerCase()))
  return (
    <Dialog title="Search or jump to" bare width={600} onClose={close}>
      <Command label="Search or jump to" shouldFilter={false} className={styles.palette} loop>
        <div className={styles.box}>
          <Icon name="search" />
          <Command.Input value={text} onValueChange={setText} placeholder="A page or a person" className={styles.input} />
        </div>
        <Command.List className={styles.list} label="Results">
          <Command.Empty className={styles.empty}>{leads.isFetching ? 'Looking' : 'Nothing found. Try fewer letters.'}</Command.Empty>
          {found.length > 0 && (
            <Command.Group heading="Leads" className={styles.group}>
              {found.map((lead) => (
                <Command.Item key={lead.id} value={lead.id} className={styles.item} onSelect={go(() => void navigate({ to: '/', search: { lead: lead.id } }))}>
                  <Icon name="user" size={16} />
                  <span>{leadName(lead)}</span>
                  {lead.name != null && lead.email != null && <small>{lead.email}</small>}
                  {lead.tier != null && <span className={styles.end}><Tier tier={lead.tier} /></span>}
                </Command.Item>
              ))}
            </Command.Group>
          )}
          {matching.length > 0 && (
            <Command.Group heading="Pages" className={styles.group}>
              {matching.map((place) => (
                <Command.Item key={place.to} value={place.to} className={styles.item} onSelect={go(() => void navigate({ to: place.to }))}>
                  <Icon name={place.icon} size={16} />
                  <span>{place.label}</span>
                  <span className={styles.end}><kbd>{shownKeys(`g ${place.letter}`)}</kbd></span>
                </Command.Item>
              ))}
            </Command.Group>
          )}
        </Command.List>
      </Command>
    </Dialog>
  )
}
