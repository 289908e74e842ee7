// One map in an element: made once, in the theme in force, gone with the component.
import { Map as MapLibre, type LngLatBoundsLike } from 'maplibre-gl'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { useTheme } from '~/components/colours'
import type { Box } from './geometry'
import { creditOf, readGround, type Ground } from './ground'
import { prepare } from './library'
import { baseStyle } from './style'

/** Where the map starts: a box to fit, or a place and a zoom. */
export interface Start {
  box: Box
  /** With it the map is put in the middle of the box, exactly as it was. */
  zoom?: number
  /** Pixels at the foot and at the top that something else covers. */
  covered?: number
  topped?: number
}

export type MapState =
  | { kind: 'loading' }
  /** `credit`: the words that the tiles of the ground demand. */
  | { kind: 'ready'; map: MapLibre; credit: string }
  /** The browser cannot draw it; the page shows its list instead. */
  | { kind: 'failed'; why: string }

interface Options {
  label: string
  start: Start
  /** Puts the page's sources and layers on a fresh style: at the start and after each change of theme. */
  dress: (map: MapLibre) => void
}

const MOST_ZOOM = 18

export function useMap(container: RefObject<HTMLElement | null>, { label, start, dress }: Options): MapState {
  const [state, setState] = useState<MapState>({ kind: 'loading' })
  const theme = useTheme()
  const latest = useRef({ start, dress, theme })
  latest.current = { start, dress, theme }
  const dressed = useRef<string>(null)
  const ground = useRef<Ground>(null)

  useEffect(() => {
    let map: MapLibre | undefined
    let gone = false
    const begin = async () => {
      const [tiles] = await Promise.all([readGround(), prepare()])
      if (gone || container.current === null) return
      ground.current = tiles
      const made = make(container.current, label, latest.current.start, tiles)
      map = made
      // For the console and the tests.
      Object.assign(container.current, { map: made })
      await made.once('style.load')
      latest.current.dress(made)
      dressed.current = latest.current.theme
      setState({ kind: 'ready', map: made, credit: tiles === null ? '' : creditOf(tiles) })
    }
    begin().catch((error: unknown) => setState({ kind: 'failed', why: error instanceof Error ? error.message : 'The map could not be started.' }))
    return () => {
      gone = true
      map?.remove()
    }
  }, [container, label])

  useEffect(() => {
    if (state.kind !== 'ready' || dressed.current === theme) return
    dressed.current = theme
    const { map } = state
    // Pages' layers come from `dress`, so the new style is put in whole: what it has not got is put back at once.
    map.setStyle(baseStyle(ground.current), { diff: false })
    void map.once('style.load').then(() => latest.current.dress(map))
  }, [state, theme])

  return state
}

function make(container: HTMLElement, label: string, { box, zoom, covered = 0, topped = 0 }: Start, ground: Ground | null): MapLibre {
  const [west, south, east, north] = box
  const place = zoom === undefined ? { bounds: box as unknown as LngLatBoundsLike, fitBoundsOptions: { padding: { top: 24 + topped, left: 24, right: 24, bottom: 24 + covered } } } : { center: [(west + east) / 2, (south + north) / 2] as [number, number], zoom }
  const still = globalThis.matchMedia('(prefers-reduced-motion: reduce)').matches
  return new MapLibre({
    container,
    style: baseStyle(ground),
    ...place,
    maxZoom: MOST_ZOOM,
    minZoom: 2,
    renderWorldCopies: false,
    attributionControl: false,
    dragRotate: false,
    pitchWithRotate: false,
    touchPitch: false,
    fadeDuration: still ? 0 : 120,
    locale: { 'Map.Title': label },
  })
}

/** What the map shows, as a box. */
export function boxOfMap(map: MapLibre): Box {
  const bounds = map.getBounds()
  const round = (angle: number) => Number(angle.toFixed(5))
  return [round(Math.max(-180, bounds.getWest())), round(bounds.getSouth()), round(Math.min(180, bounds.getEast())), round(bounds.getNorth())]
}
