// A small map on which an area is drawn, with the homes that were sold as dots. Loaded by itself, as it brings the library.
import type { Feature } from 'geojson'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { colourOf } from '~/components/colours'
import { AreaTools } from '~/features/homes/AreaTools'
import { useView } from '~/features/homes/useClusters'
import { Controls } from '~/map/Controls'
import type { Ring } from '~/map/geometry'
import mapStyles from '~/map/Map.module.css'
import { addAreas, addDrawing, showDrawing, useDrawing } from '~/map/useDrawing'
import { useMap, type Start } from '~/map/useMap'
import { usePlaces } from '~/map/usePlaces'
import { soldQuery } from './salesQueries'

interface Props {
  market: string
  start: Start
  areas: readonly Ring[]
  onAreas: (areas: readonly Ring[]) => void
  onFailed: (why: string) => void
}

const LABEL = 'Map of homes sold'
const EMPTY = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } }

export default function AreaMap({ market, start, areas, onAreas, onFailed }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const [version, setVersion] = useState(0)
  const state = useMap(container, { label: LABEL, start, dress: (fresh) => { dress(fresh); setVersion((before) => before + 1) } })
  const map = state.kind === 'ready' ? state.map : null
  const why = state.kind === 'failed' ? state.why : null
  useEffect(() => {
    if (why !== null) onFailed(why)
  }, [why, onFailed])
  usePlaces(map, version, market)
  const tools = useDrawing(map, areas, onAreas)
  const view = useView(map)
  const { data: sold } = useQuery({ ...soldQuery(market, view), placeholderData: keepPreviousData })
  useEffect(() => {
    // The map is a part of a page that scrolls: a wheel or one finger moves the page, with Ctrl or two fingers the map.
    map?.cooperativeGestures.enable()
  }, [map])
  useEffect(() => {
    if (map !== null && version > 0) showDrawing(map, areas, tools.drawing)
  }, [map, version, areas, tools.drawing])
  useEffect(() => {
    if (map === null || version === 0 || sold === undefined) return
    const features = sold.map(({ longitude, latitude, count }): Feature => ({ type: 'Feature', properties: { count }, geometry: { type: 'Point', coordinates: [longitude, latitude] } }))
    void map.getSource<GeoJSONSource>('sold')?.setData({ type: 'FeatureCollection', features })
  }, [map, version, sold])
  return (
    <div className={mapStyles.frame}>
      <div ref={container} className={mapStyles.map} data-testid="area-map" />
      <AreaTools map={map} tools={tools} areas={areas} selected={null} />
      <Controls map={map} />
      <span className={mapStyles.credit}>{state.kind === 'ready' && state.credit !== '' && `${state.credit}; `}Outlines: US Census Bureau 2017</span>
    </div>
  )
}

function dress(map: MapLibre): void {
  const [accent, panel, dots] = [colourOf('accent'), colourOf('panel'), colourOf('ink-3')]
  map.addSource('sold', EMPTY)
  map.addLayer({
    id: 'sold', type: 'circle', source: 'sold',
    paint: { 'circle-color': dots, 'circle-radius': ['interpolate', ['linear'], ['get', 'count'], 1, 2, 50, 6], 'circle-opacity': 0.55 },
  }, 'names')
  addAreas(map, accent)
  addDrawing(map, accent, panel)
}
