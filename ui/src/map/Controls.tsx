// Buttons of every map: nearer, further.
import type { Map as MapLibre } from 'maplibre-gl'
import type { ReactNode } from 'react'
import { IconButton } from '~/components/Button'
import styles from './Map.module.css'

export function Controls({ map, children }: { map: MapLibre | null; children?: ReactNode }) {
  const still = globalThis.matchMedia('(prefers-reduced-motion: reduce)').matches
  const by = (steps: number) => map?.zoomTo(map.getZoom() + steps, { duration: still ? 0 : 200 })
  return (
    <div className={styles.controls}>
      <IconButton look="outline" icon="plus" label="Zoom in" onClick={() => by(1)} />
      <IconButton look="outline" icon="minus" label="Zoom out" onClick={() => by(-1)} />
      {children}
    </div>
  )
}
