// Drawing on the map by mouse, touch and keyboard, over the steps of `draw.ts`.
import type { GeoJSONSource, Map as MapLibre, MapLayerMouseEvent, MapLayerTouchEvent, MapMouseEvent, MapTouchEvent } from 'maplibre-gl'
import { useCallback, useEffect, useReducer, useRef } from 'react'
import { announce } from '~/state/announce'
import { idle, LEAST_CORNERS, step, type Drawing } from './draw'
import type { LngLat, Ring } from './geometry'

export interface DrawingTools {
  drawing: Drawing
  start: () => void
  edit: (index: number) => void
  /** Keeps what was drawn; without enough corners nothing. */
  finish: () => void
  cancel: () => void
  remove: (index: number) => void
  add: (ring: Ring) => void
}

const STEP = 12
const FAR_STEP = 60
const ARROWS: Record<string, readonly [number, number]> = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }
/** A click this near to the first point, in pixels, closes the shape. */
const CLOSING = 12

export function useDrawing(map: MapLibre | null, areas: readonly Ring[], onChange: (areas: readonly Ring[]) => void): DrawingTools {
  const [drawing, take] = useReducer(step, idle)
  const latest = useRef({ drawing, areas, onChange })
  latest.current = { drawing, areas, onChange }

  const finish = useCallback(() => {
    const { drawing: now, areas: all, onChange: change } = latest.current
    if (now.kind !== 'idle' && now.points.length >= LEAST_CORNERS) {
      change(now.kind === 'drawing' ? [...all, now.points] : all.with(now.index, now.points))
      announce('The area is set')
    }
    take({ do: 'end' })
  }, [])
  const cancel = useCallback(() => take({ do: 'end' }), [])
  const start = useCallback(() => {
    take({ do: 'draw' })
    map?.getCanvas().focus()
    announce('Drawing. Arrows move the cursor, Enter sets a corner, Enter on the first corner or F closes the area, Backspace takes a corner back, Escape ends.')
  }, [map])
  const edit = useCallback((index: number) => {
    const ring = latest.current.areas[index]
    if (ring === undefined) return
    take({ do: 'edit', index, ring })
    map?.getCanvas().focus()
    announce('Editing. N and P choose a corner, arrows move it, Backspace removes it, Enter keeps the area, Escape leaves it as it was.')
  }, [map])
  const remove = useCallback((index: number) => latest.current.onChange(latest.current.areas.toSpliced(index, 1)), [])
  const add = useCallback((ring: Ring) => latest.current.onChange([...latest.current.areas, ring]), [])

  useEffect(() => {
    if (map === null || drawing.kind === 'idle') return
    return listen(map, () => latest.current.drawing, take, finish)
  }, [map, drawing.kind, finish])

  return { drawing, start, edit, finish, cancel, remove, add }
}

type Take = (change: Parameters<typeof step>[1]) => void

/** Hears clicks, drags and keys on the map while a shape is worked on; returns how to stop. */
function listen(map: MapLibre, now: () => Drawing, take: Take, finish: () => void): () => void {
  const canvas = map.getCanvas()
  const onClick = (event: MapMouseEvent) => {
    const state = now()
    if (state.kind !== 'drawing') return
    const [first] = state.points
    if (first !== undefined && state.points.length >= LEAST_CORNERS && map.project([...first]).dist(event.point) < CLOSING) finish()
    else take({ do: 'add', at: event.lngLat.toArray() })
  }
  const onMove = (event: MapMouseEvent) => {
    if (now().kind === 'drawing') take({ do: 'cursor', at: event.lngLat.toArray() })
  }
  const onHold = (event: MapLayerMouseEvent | MapLayerTouchEvent) => {
    const state = now()
    const { corner, after } = (event.features?.[0]?.properties ?? {}) as { corner?: number; after?: number }
    if (state.kind !== 'editing') return
    event.preventDefault()
    if (corner !== undefined) take({ do: 'hold', corner })
    else if (after !== undefined) take({ do: 'split', after, at: event.lngLat.toArray() })
    const drag = (moved: MapMouseEvent | MapTouchEvent) => take({ do: 'move', at: moved.lngLat.toArray() })
    const [goes, ends] = event.type === 'touchstart' ? (['touchmove', 'touchend'] as const) : (['mousemove', 'mouseup'] as const)
    map.on(goes, drag)
    map.once(ends, () => map.off(goes, drag))
  }
  const onKey = (event: KeyboardEvent) => {
    if (pressed(map, event, now(), take, finish)) {
      event.preventDefault()
      event.stopPropagation()
    }
  }
  map.keyboard.disable()
  map.doubleClickZoom.disable()
  canvas.style.cursor = 'crosshair'
  map.on('click', onClick)
  map.on('dblclick', finish)
  map.on('mousemove', onMove)
  map.on('mousedown', 'draw-corners', onHold)
  map.on('touchstart', 'draw-corners', onHold)
  canvas.addEventListener('keydown', onKey)
  return () => {
    map.keyboard.enable()
    map.doubleClickZoom.enable()
    canvas.style.cursor = ''
    map.off('click', onClick)
    map.off('dblclick', finish)
    map.off('mousemove', onMove)
    map.off('mousedown', 'draw-corners', onHold)
    map.off('touchstart', 'draw-corners', onHold)
    canvas.removeEventListener('keydown', onKey)
  }
}

/** What a key does; whether it did anything. */
function pressed(map: MapLibre, { key, shiftKey }: KeyboardEvent, state: Drawing, take: Take, finish: () => void): boolean {
  if (state.kind === 'idle') return false
  const held = state.kind === 'editing' ? state.points[state.corner] : (state.cursor ?? middle(map))
  const arrow = ARROWS[key]
  if (arrow !== undefined && held !== undefined) {
    take({ do: 'cursor', at: moved(map, held, arrow, shiftKey ? FAR_STEP : STEP) })
  } else if (key === 'Escape') take({ do: 'end' })
  else if (key === 'Backspace' || key === 'Delete') take({ do: 'back' })
  else if (state.kind === 'editing' && (key === 'n' || key === 'p')) take({ do: 'hold', corner: state.corner + (key === 'n' ? 1 : -1) })
  else if (key === 'f' || (state.kind === 'editing' && key === 'Enter')) finish()
  else if (key === 'Enter' && held !== undefined && state.kind === 'drawing') {
    const [first] = state.points
    const closes = first !== undefined && state.points.length >= LEAST_CORNERS && map.project([...first]).dist(map.project([...held])) < CLOSING
    if (closes) finish()
    else {
      take({ do: 'add', at: held })
      take({ do: 'cursor', at: held })
      announce(`Corner ${state.points.length + 1} set`)
    }
  } else return false
  return true
}

function middle(map: MapLibre): LngLat {
  return map.getCenter().toArray()
}

/** The place so many pixels further; the map follows when it would leave the screen. */
function moved(map: MapLibre, from: LngLat, [x, y]: readonly [number, number], pixels: number): LngLat {
  const at = map.project([...from])
  at.x += x * pixels
  at.y += y * pixels
  const { clientWidth, clientHeight } = map.getCanvas()
  const to = map.unproject(at).toArray()
  if (at.x < 0 || at.y < 0 || at.x > clientWidth || at.y > clientHeight) map.panBy([x * FAR_STEP * 2, y * FAR_STEP * 2], { animate: false })
  return to
}

/** Shows the areas and the shape that is worked on, in the sources `areas` and `drawing`. */
export function showDrawing(map: MapLibre, areas: readonly Ring[], drawing: Drawing): void {
  const hidden = drawing.kind === 'editing' ? drawing.index : -1
  const kept = areas.filter((_, index) => index !== hidden)
  void map.getSource<GeoJSONSource>('areas')?.setData({ type: 'FeatureCollection', features: kept.map((ring) => polygon(ring)) })
  void map.getSource<GeoJSONSource>('drawing')?.setData({ type: 'FeatureCollection', features: features(drawing) })
}

function polygon(ring: Ring): GeoJSON.Feature {
  return { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[...ring, ...ring.slice(0, 1)].map((point) => [...point])] } }
}

function point(at: LngLat, properties: object): GeoJSON.Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [...at] } }
}

function features(drawing: Drawing): GeoJSON.Feature[] {
  if (drawing.kind === 'idle') return []
  const { points } = drawing
  if (drawing.kind === 'editing') {
    const halves = points.map((one, after): GeoJSON.Feature => {
      const next = points[(after + 1) % points.length] ?? one
      return point([(one[0] + next[0]) / 2, (one[1] + next[1]) / 2], { after })
    })
    return [polygon(points), ...halves, ...points.map((one, corner) => point(one, { corner, held: corner === drawing.corner }))]
  }
  const way = drawing.cursor === null ? points : [...points, drawing.cursor]
  const line: GeoJSON.Feature = { type: 'Feature', properties: {}, geometry: { type: 'LineString', coordinates: way.map((one) => [...one]) } }
  const cursor = drawing.cursor === null ? [] : [point(drawing.cursor, { cursor: true })]
  return [...(way.length > 1 ? [line] : []), ...points.map((one, corner) => point(one, { corner })), ...cursor]
}

const EMPTY = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } }

/** The source and the layers of areas; the page adds them where they belong in its order. */
export function addAreas(map: MapLibre, accent: string): void {
  map.addSource('areas', EMPTY)
  map.addLayer({ id: 'areas-fill', type: 'fill', source: 'areas', paint: { 'fill-color': accent, 'fill-opacity': 0.08 } })
  map.addLayer({ id: 'areas-line', type: 'line', source: 'areas', paint: { 'line-color': accent, 'line-width': 2 } })
}

/** Those of the shape that is worked on: above everything else. */
export function addDrawing(map: MapLibre, accent: string, panel: string): void {
  map.addSource('drawing', EMPTY)
  map.addLayer({ id: 'draw-fill', type: 'fill', source: 'drawing', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': accent, 'fill-opacity': 0.12 } })
  map.addLayer({ id: 'draw-line', type: 'line', source: 'drawing', filter: ['!=', ['geometry-type'], 'Point'], paint: { 'line-color': accent, 'line-width': 2, 'line-dasharray': [2, 1.5] } })
  map.addLayer({
    id: 'draw-corners', type: 'circle', source: 'drawing', filter: ['==', ['geometry-type'], 'Point'],
    paint: {
      'circle-radius': ['case', ['boolean', ['get', 'held'], false], 8, ['has', 'after'], 4, 6],
      'circle-color': ['case', ['has', 'cursor'], 'rgba(0,0,0,0)', ['boolean', ['get', 'held'], false], accent, panel],
      'circle-stroke-color': accent, 'circle-stroke-width': 2,
    },
  })
}
