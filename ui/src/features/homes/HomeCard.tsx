// The selected home beside its pill: what it is, and what can be done with it. On a phone the sheet shows the same.
import { Link } from '@tanstack/react-router'
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useRef } from 'react'
import { IconButton } from '~/components/Button'
import { Chip } from '~/components/Tier'
import styles from './Map.module.css'
import { Heart, Hide } from './MarkButtons'
import type { Mark, Marking } from './marks'
import type { Home } from './home'
import type { HomesUrl } from './url'
import { factsOf, lineOf, priceWords, statusWords, townOf } from './words'

interface Props {
  map: MapLibre
  home: Home
  /** Homes that are chosen for comparison. */
  ids: HomesUrl['ids']
  mark: Mark | null
  onMark: Marking
  onClose: () => void
}

export function HomeCard({ map, home, ids, mark, onMark, onClose }: Props) {
  const card = useRef<HTMLElement>(null)
  const { longitude, latitude } = home
  useEffect(() => {
    const place = () => {
      if (card.current !== null && longitude != null && latitude != null) put(card.current, map, map.project([longitude, latitude]))
    }
    place()
    map.on('move', place)
    map.on('resize', place)
    return () => {
      map.off('move', place)
      map.off('resize', place)
    }
  }, [map, longitude, latitude])
  if (longitude == null || latitude == null) return null
  const marking = { id: home.id, name: lineOf(home), mark, onMark }
  return (
    <section ref={card} className={styles.card} aria-label={`Selected: ${lineOf(home)}`}>
      <div className={styles.cardHead}>
        <b>{priceWords(home)}</b>
        {home.status !== 'active' && <Chip>{statusWords(home.status)}</Chip>}
        <span><Heart {...marking} /><Hide {...marking} /><IconButton icon="close" label="Let go of the home" onClick={onClose} /></span>
      </div>
      <Link to="/homes/$id" params={{ id: home.id }} search={{ ids }}>{lineOf(home)}</Link>
      <p>{[factsOf(home), home.property_type].filter((part) => part != null && part !== '').join(', ')}</p>
      <p>{townOf(home)}</p>
    </section>
  )
}

// Pixels from the place of the home to the card, over and under it.
const [OVER, UNDER, EDGE] = [40, 12, 8] as const

/** Over the pill, or under its place where there is no room; as far as it goes inside the map. */
function put(card: HTMLElement, map: MapLibre, { x, y }: { x: number; y: number }): void {
  const { clientWidth, clientHeight } = map.getCanvas()
  const { offsetWidth: width, offsetHeight: height } = card
  const left = Math.max(EDGE, Math.min(clientWidth - width - EDGE, x - width / 2))
  const top = y - OVER - height < EDGE ? y + UNDER : y - OVER - height
  card.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`
  // A home out of sight has no card.
  card.hidden = x < 0 || y < 0 || x > clientWidth || y > clientHeight
}
