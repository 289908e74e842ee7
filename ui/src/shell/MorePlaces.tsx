// On a phone: the pages that have no place of their own at the foot.
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '~/components/Button'
import { Dialog } from '~/components/Dialog'
import { Icon } from '~/components/Icon'
import type { Place } from '~/navigation'
import styles from './MorePlaces.module.css'

export function MorePlaces({ places, className }: { places: readonly Place[]; className?: string }) {
  const [open, setOpen] = useState(false)
  const navigate = useNavigate()
  if (places.length === 0) return null
  return (
    <>
      <button type="button" className={className} aria-haspopup="dialog" onClick={() => setOpen(true)}><Icon name="more" size={18} />More</button>
      {open && (
        <Dialog title="Pages" onClose={() => setOpen(false)}>
          <ul className={styles.list}>
            {places.map((place) => (
              <li key={place.to}>
                <Button look="plain" icon={place.icon} onClick={() => { setOpen(false); void navigate({ to: place.to }) }}>{place.label}</Button>
              </li>
            ))}
          </ul>
        </Dialog>
      )}
    </>
  )
}
