// The map of the search: bubbles and pills from the server, tied to the list beside it. Loaded by itself, as it brings the library.
import type { Map as MapLibre, MapLayerMouseEvent } from 'maplibre-gl'
import { useEffect, useMemo, useRef, useState } from 'react'
import { Button } from '~/components/Button'
import { Controls } from '~/map/Controls'
import type { Drawing } from '~/map/draw'
import { isInside, type Box, type Ring } from '~/map/geometry'
import mapStyles from '~/map/Map.module.css'
import { bubbleRadius } from '~/map/pills'
import { spread, type Body } from '~/map/spread'
import { showDrawing, useDrawing } from '~/map/useDrawing'
import { boxOfMap, useMap, type Start } from '~/map/useMap'
import { useMoves } from '~/map/useMoves'
import { usePlaces } from '~/map/usePlaces'
import { AreaTools } from './AreaTools'
import { HomeCard } from './HomeCard'
import type { Known } from './known'
import { dimHomes, dressHomes, liftedCluster, liftedHome, showClusters, showDots, showLifted } from './layers'
import styles from './Map.module.css'
import { Markers } from './Markers'
import { markIn, type Marking } from './marks'
import type { Home } from './home'
import type { Cluster } from './queries'
import { areasOf, type HomesUrl } from './url'
import { useClusters } from './useClusters'

export interface MapProps {
  market: string
  search: HomesUrl
  start: Start
  /** The homes of the list, by id. */
  homes: ReadonlyMap<string, Home>
  hovered: string | null
  selected: Home | null
  known: Known
  withHidden: boolean
  /** These homes alone, in place of all that the search finds in view. */
  only?: readonly Cluster[]
  onHover: (id: string | null) => void
  /** Null lets go of the selected one. */
  onSelect: (id: string | null) => void
  onMark: Marking
  onMove: (box: Box, zoom: number) => void
  onAreas: (areas: readonly Ring[]) => void
  /** An area is being drawn, which needs room. */
  onDraw: () => void
  /** The homes of one bubble are to be listed. */
  onBubble: (box: Box) => void
  onToList: () => void
  onFailed: (why: string) => void
}

const LABEL = 'Map of homes'
const FIT = { padding: 48, maxZoom: 17 }
const PILL: Body = { radius: 17, above: 16, fixed: true }

export default function HomesMap(props: MapProps) {
  const { market, search, start, homes, hovered, selected, known, withHidden, only, onAreas, onDraw, onBubble, onFailed, onHover, onMark, onMove, onSelect, onToList } = props
  const container = useRef<HTMLDivElement>(null)
  const [version, setVersion] = useState(0)
  const dress = (fresh: MapLibre) => {
    dressHomes(fresh)
    setVersion((before) => before + 1)
  }
  const state = useMap(container, { label: LABEL, start, dress })
  const map = state.kind === 'ready' ? state.map : null
  const why = state.kind === 'failed' ? state.why : null
  useEffect(() => {
    if (why !== null) onFailed(why)
  }, [why, onFailed])

  const found = useClusters(map, market, search, only === undefined)
  const [all, dots] = only === undefined ? [found.clusters, found.dots] : [only, only]
  const apart = useMemo(() => (map === null ? all : spread(all, bodyOf, map.getZoom())), [map, all])
  const { hidden } = known
  const clusters = useMemo(() => (withHidden ? apart : apart.filter(({ listing_id: id }) => id === null || !hidden.has(id))), [apart, hidden, withHidden])
  const areas = useMemo(() => areasOf(search), [search])
  const tools = useDrawing(map, areas, onAreas)
  const drawing = tools.drawing.kind !== 'idle'
  useEffect(() => {
    if (drawing) onDraw()
  }, [drawing])
  const zoomTo = (cluster: Cluster) => map?.fitBounds(cluster.bbox as [number, number, number, number], { ...FIT, duration: 250 })

  useDrawn(map, version, { clusters, dots, areas, drawing: tools.drawing, known, homes, hovered, selected })
  usePlaces(map, version, market)
  useMoves(map, search, onMove)
  usePointer(map, drawing, { clusters, onHover, onSelect, zoomTo })
  useInSight(map, selected)

  return (
    <div className={mapStyles.frame}>
      <div ref={container} className={mapStyles.map} data-testid="map" />
      {only === undefined && <AreaTools map={map} tools={tools} areas={areas} selected={selected} />}
      <Controls map={map} />
      {map !== null && !drawing && <Markers {...{ map, clusters, homes, known, onMark }} onZoom={zoomTo} onBubble={onBubble} onSelect={onSelect} onHover={onHover} />}
      {map !== null && !drawing && selected !== null && <HomeCard key={selected.id} map={map} home={selected} ids={search.ids} mark={markIn(known, selected.id)} onMark={onMark} onClose={() => onSelect(null)} />}
      <Button className={styles.toList} onClick={onToList} icon="right">{only === undefined ? 'List what is in view' : 'List them'}</Button>
      <span className={mapStyles.credit}>{state.kind === 'ready' && state.credit !== '' && `${state.credit}; `}Outlines: US Census Bureau 2017</span>
    </div>
  )
}

interface Shown extends Pick<MapProps, 'known' | 'homes' | 'hovered' | 'selected'> {
  clusters: readonly Cluster[]
  dots: readonly Cluster[]
  areas: readonly Ring[]
  drawing: Drawing
}

/** Puts what is shown into the sources of the map, each when it changes, and all of it on a fresh style (`version`). */
function useDrawn(map: MapLibre | null, version: number, { clusters, dots, areas, drawing, known, homes, hovered, selected }: Shown): void {
  useEffect(() => {
    if (map !== null && version > 0) showClusters(map, clusters, known)
  }, [map, version, clusters, known])
  useEffect(() => {
    if (map !== null && version > 0) dimHomes(map, drawing.kind !== 'idle')
  }, [map, version, drawing.kind])
  useEffect(() => {
    if (map !== null && version > 0) showDots(map, dots)
  }, [map, version, dots])
  useEffect(() => {
    if (map !== null && version > 0) showDrawing(map, areas, drawing)
  }, [map, version, areas, drawing])
  useEffect(() => {
    if (map === null || version === 0) return
    const home = hovered === null ? undefined : homes.get(hovered)
    const bubble = clusters.find(({ listing_id }) => listing_id !== null && listing_id === hovered)
    showLifted(map, selected === null ? null : liftedHome(selected), home !== undefined ? liftedHome(home) : bubble !== undefined ? liftedCluster(bubble) : null, known.favourites)
  }, [map, version, hovered, selected, homes, clusters, known.favourites])
}

/** A pill points at its home and stays; bubbles make room for it and for each other. */
function bodyOf({ count, listing_id: home }: Cluster): Body {
  return home === null ? { radius: bubbleRadius(count) } : PILL
}

interface PointerActions {
  clusters: readonly Cluster[]
  onHover: (id: string | null) => void
  onSelect: (id: string) => void
  zoomTo: (cluster: Cluster) => void
}

const LAYERS = ['clusters', 'pills', 'lifted']

/** Hover and click on bubbles and pills; quiet while an area is drawn. */
function usePointer(map: MapLibre | null, drawing: boolean, actions: PointerActions): void {
  const latest = useRef(actions)
  latest.current = actions
  useEffect(() => {
    if (map === null || drawing) return
    let lit: string | null = null
    const light = (id: string | null) => {
      if (lit !== null) map.removeFeatureState({ source: 'clusters', id: lit })
      if (id !== null) map.setFeatureState({ source: 'clusters', id }, { hover: true })
      lit = id
    }
    const found = (event: MapLayerMouseEvent) => event.features?.[0]?.properties as { id: string; listing?: string; count: number } | undefined
    const homeOf = (event: MapLayerMouseEvent) => {
      const feature = event.features?.[0]
      return feature?.source === 'lifted' ? (feature.properties.id as string) : found(event)?.listing
    }
    const onEnter = (event: MapLayerMouseEvent) => {
      map.getCanvas().style.cursor = 'pointer'
      const home = homeOf(event)
      light(home === undefined ? (found(event)?.id ?? null) : null)
      latest.current.onHover(home ?? null)
    }
    const onLeave = () => {
      map.getCanvas().style.cursor = ''
      light(null)
      latest.current.onHover(null)
    }
    const onClick = (event: MapLayerMouseEvent) => {
      const home = homeOf(event)
      const cluster = latest.current.clusters.find(({ id }) => id === found(event)?.id)
      if (home !== undefined) latest.current.onSelect(home)
      else if (cluster !== undefined) latest.current.zoomTo(cluster)
    }
    map.on('mousemove', LAYERS, onEnter)
    map.on('mouseleave', LAYERS, onLeave)
    map.on('click', LAYERS, onClick)
    return () => {
      onLeave()
      map.off('mousemove', LAYERS, onEnter)
      map.off('mouseleave', LAYERS, onLeave)
      map.off('click', LAYERS, onClick)
    }
  }, [map, drawing])
}

/** Moves the map to the selected home when it is not in sight. */
function useInSight(map: MapLibre | null, selected: Home | null): void {
  const shown = useRef<string>(null)
  useEffect(() => {
    if (map === null || selected?.longitude == null || selected.latitude == null || shown.current === selected.id) return
    shown.current = selected.id
    const at: [number, number] = [selected.longitude, selected.latitude]
    if (!isInside(at, boxOfMap(map))) map.easeTo({ center: at, duration: 250 })
  }, [map, selected])
}
