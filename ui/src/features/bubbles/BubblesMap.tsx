// The bubbles on the map. Loaded by itself, as it brings the library.
import type { Feature } from 'geojson'
import type { GeoJSONSource, Map as MapLibre, MapLayerMouseEvent } from 'maplibre-gl'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '~/components/Button'
import { colourOf } from '~/components/colours'
import { Controls } from '~/map/Controls'
import type { Box } from '~/map/geometry'
import { FONTS } from '~/map/library'
import mapStyles from '~/map/Map.module.css'
import { spread } from '~/map/spread'
import { Stops } from '~/map/Stops'
import { useMap, type Start } from '~/map/useMap'
import { useMoves, type Place } from '~/map/useMoves'
import { usePlaces } from '~/map/usePlaces'
import type { Bubble } from './drawn'

interface Props {
  market: string
  bubbles: readonly Bubble[]
  start: Start
  place: Place
  /** The area that is open. */
  current: string | undefined
  /** All that is known of an area, in words. */
  say: (id: string) => string
  onMove: (box: Box, zoom: number) => void
  onOpen: (id: string) => void
  onFailed: (why: string) => void
}

const LABEL = 'Map of areas'
const EMPTY = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } }

export default function BubblesMap({ market, bubbles, start, place, current, say, onMove, onOpen, onFailed }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const [version, setVersion] = useState(0)
  const state = useMap(container, { label: LABEL, start, dress: (fresh) => { dress(fresh); setVersion((before) => before + 1) } })
  const map = state.kind === 'ready' ? state.map : null
  const apart = useMemo(() => (map === null ? bubbles : spread(bubbles, ({ radius }) => ({ radius }), map.getZoom())), [map, bubbles])
  const why = state.kind === 'failed' ? state.why : null
  useEffect(() => {
    if (why !== null) onFailed(why)
  }, [why, onFailed])
  useEffect(() => {
    if (map !== null && version > 0) show(map, apart, current)
  }, [map, version, apart, current])
  usePlaces(map, version, market)
  useMoves(map, place, onMove)
  usePointer(map, onOpen)
  return (
    <div className={mapStyles.frame}>
      <div ref={container} className={mapStyles.map} data-testid="map" />
      <Controls map={map} />
      {map !== null && (
        <Stops
          map={map} label="Areas on the map" stops={apart} say={({ id }) => say(id)} onEnter={({ id }) => onOpen(id)}
          actions={({ id }) => <Button onClick={() => onOpen(id)}>Open it</Button>}
        />
      )}
      <span className={mapStyles.credit}>{state.kind === 'ready' && state.credit !== '' && `${state.credit}; `}Outlines: US Census Bureau 2017</span>
    </div>
  )
}

function dress(map: MapLibre): void {
  const [edge, ink] = [colourOf('edge'), colourOf('ink')]
  map.addSource('areas', { ...EMPTY, promoteId: 'id' })
  map.addLayer({
    id: 'areas', type: 'circle', source: 'areas',
    // The smaller ones lie above.
    layout: { 'circle-sort-key': ['-', 0, ['get', 'radius']] },
    paint: {
      'circle-radius': ['get', 'radius'], 'circle-color': ['get', 'fill'], 'circle-opacity': 1,
      'circle-stroke-color': ['case', ['any', ['get', 'current'], ['boolean', ['feature-state', 'hover'], false]], ink, edge],
      'circle-stroke-width': ['case', ['get', 'current'], 3, ['boolean', ['feature-state', 'hover'], false], 2, 1],
    },
  })
  // Circles take no room among names: something that is not seen takes it for them.
  if (!map.hasImage('nothing')) map.addImage('nothing', { width: 2, height: 2, data: new Uint8Array(16) })
  map.addLayer({ id: 'area-room', type: 'symbol', source: 'areas', layout: { 'icon-image': 'nothing', 'icon-size': ['get', 'radius'], 'icon-allow-overlap': true } })
  map.addLayer({
    id: 'area-words', type: 'symbol', source: 'areas', filter: ['!=', ['get', 'words'], ''],
    layout: { 'text-field': ['get', 'words'], 'text-font': [FONTS.bold], 'text-size': 12, 'text-padding': 0, 'symbol-sort-key': ['-', 0, ['get', 'radius']] },
    paint: { 'text-color': ['get', 'ink'] },
  })
}

function show(map: MapLibre, bubbles: readonly Bubble[], current: string | undefined): void {
  const features = bubbles.map(({ longitude, latitude, ...rest }): Feature => ({
    type: 'Feature', properties: { ...rest, current: rest.id === current }, geometry: { type: 'Point', coordinates: [longitude, latitude] },
  }))
  void map.getSource<GeoJSONSource>('areas')?.setData({ type: 'FeatureCollection', features })
}

/** Hover and click. */
function usePointer(map: MapLibre | null, onOpen: (id: string) => void): void {
  const latest = useRef(onOpen)
  latest.current = onOpen
  useEffect(() => {
    if (map === null) return
    let lit: string | null = null
    const light = (id: string | null) => {
      if (lit !== null) map.removeFeatureState({ source: 'areas', id: lit })
      if (id !== null) map.setFeatureState({ source: 'areas', id }, { hover: true })
      map.getCanvas().style.cursor = id === null ? '' : 'pointer'
      lit = id
    }
    const idOf = (event: MapLayerMouseEvent) => (event.features?.[0]?.properties.id as string | undefined) ?? null
    const onEnter = (event: MapLayerMouseEvent) => light(idOf(event))
    const onLeave = () => light(null)
    const onClick = (event: MapLayerMouseEvent) => {
      const id = idOf(event)
      if (id !== null) latest.current(id)
    }
    map.on('mousemove', 'areas', onEnter)
    map.on('mouseleave', 'areas', onLeave)
    map.on('click', 'areas', onClick)
    return () => {
      onLeave()
      map.off('mousemove', 'areas', onEnter)
      map.off('mouseleave', 'areas', onLeave)
      map.off('click', 'areas', onClick)
    }
  }, [map])
}
