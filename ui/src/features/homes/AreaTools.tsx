// Areas on the map: draw, edit, remove, or a circle by typing. Every drag has a key and a typed way.
import type { Map as MapLibre } from 'maplibre-gl'
import { useState } from 'react'
import { Button, IconButton } from '~/components/Button'
import { SelectField, TextField } from '~/components/Field'
import { Popover } from '~/components/Popover'
import { decimal, plural } from '~/format/numbers'
import { LEAST_CORNERS } from '~/map/draw'
import { areaOf, circle, metres, type LngLat, type Ring } from '~/map/geometry'
import type { DrawingTools } from '~/map/useDrawing'
import styles from './Map.module.css'
import type { Home } from './home'
import { lineOf } from './words'

interface Props {
  map: MapLibre | null
  tools: DrawingTools
  areas: readonly Ring[]
  selected: Home | null
}

export function AreaTools({ map, tools, areas, selected }: Props) {
  if (tools.drawing.kind !== 'idle') return <DrawingBar tools={tools} />
  return (
    <div className={styles.tools} role="group" aria-label="Areas">
      <Button icon="edit" onClick={tools.start} disabled={map === null}>Draw an area</Button>
      <Popover button={areas.length === 0 ? 'Radius' : plural(areas.length, 'area')} label="Areas" set={areas.length > 0}>
        {areas.length > 0 && (
          <ul className={styles.areas}>
            {areas.map((ring, index) => (
              <li key={ring.flat().join()}>
                <span>Area {index + 1}, {size(ring)}</span>
                <IconButton icon="edit" label={`Edit area ${index + 1}`} onClick={(event) => { event.currentTarget.closest<HTMLElement>('[popover]')?.hidePopover(); tools.edit(index) }} />
                <IconButton icon="remove" label={`Remove area ${index + 1}`} onClick={() => tools.remove(index)} />
              </li>
            ))}
          </ul>
        )}
        <Circle map={map} selected={selected} onAdd={tools.add} />
      </Popover>
    </div>
  )
}

function size(ring: Ring): string {
  return `${decimal(areaOf(ring) / metres(1) ** 2, 1)} sq mi`
}

function DrawingBar({ tools: { drawing, finish, cancel } }: { tools: DrawingTools }) {
  if (drawing.kind === 'idle') return null
  const corners = drawing.points.length
  const byTouch = globalThis.matchMedia('(hover: none)').matches
  return (
    <div className={styles.drawing} role="group" aria-label="Drawing">
      <p>
        {drawing.kind === 'drawing'
          ? <><b>{plural(corners, 'corner')}.</b> {byTouch ? 'Tap to set corners.' : 'Click or use arrows and Enter to set corners; F closes the area, Backspace takes one back.'}</>
          : <><b>Corner {drawing.corner + 1} of {corners}.</b> {byTouch ? 'Drag corners to where they belong.' : 'Drag corners, or N and P to choose and arrows to move; Backspace removes one.'}</>}
      </p>
      <Button look="primary" onClick={finish} disabled={corners < LEAST_CORNERS}>{drawing.kind === 'drawing' ? 'Close the area' : 'Keep the area'}</Button>
      <Button onClick={cancel}>Cancel</Button>
    </div>
  )
}

type Around = 'middle' | 'home' | 'typed'

/** A circle around a place, without any pointing. */
function Circle({ map, selected, onAdd }: { map: MapLibre | null; selected: Home | null; onAdd: (ring: Ring) => void }) {
  const [around, setAround] = useState<Around>(selected === null ? 'middle' : 'home')
  const [typed, setTyped] = useState('')
  const [radius, setRadius] = useState('2')
  const far = Number(radius)
  const at = around === 'typed' ? placeTyped(typed) : around === 'home' ? placeOf(selected) : (map?.getCenter().toArray() ?? null)
  const farFits = far > 0 && far <= 100
  return (
    <form
      className={styles.circle}
      onSubmit={(event) => {
        event.preventDefault()
        if (at !== null && farFits) onAdd(circle(at, metres(far)))
      }}
    >
      <SelectField label="A circle around" value={around} onChange={(event) => setAround(event.target.value as Around)}>
        <option value="middle">the middle of the map</option>
        {selected !== null && <option value="home">{lineOf(selected)}</option>}
        <option value="typed">a latitude and longitude</option>
      </SelectField>
      {around === 'typed' && (
        <TextField label="Latitude, longitude" value={typed} placeholder="39.74, -104.98" inputMode="text" onChange={(event) => setTyped(event.target.value)} problem={typed !== '' && at === null ? 'Two numbers in degrees, such as 39.74, -104.98' : undefined} />
      )}
      <TextField label="Radius in miles" value={radius} inputMode="decimal" onChange={(event) => setRadius(event.target.value)} problem={farFits ? undefined : 'Up to 100 miles'} hint={farFits ? `${decimal(metres(far) / 1000, 1)} km` : undefined} />
      <Button type="submit" look="primary" disabled={at === null || !farFits}>Add the circle</Button>
    </form>
  )
}

function placeOf(home: Home | null): LngLat | null {
  return home?.longitude == null || home.latitude == null ? null : [home.longitude, home.latitude]
}

function placeTyped(text: string): LngLat | null {
  const found = /^\s*(-?\d+(?:\.\d+)?)[\s,;]+(-?\d+(?:\.\d+)?)\s*$/.exec(text)
  const [lat, lon] = [Number(found?.[1]), Number(found?.[2])]
  return found !== null && Math.abs(lat) <= 85 && Math.abs(lon) <= 180 ? [lon, lat] : null
}
