// Bubbles and dots of what the map shows: asked for shortly after a move, the old ones stay until the new ones are there.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useState } from 'react'
import { snapped, type Box } from '~/map/geometry'
import { boxOfMap } from '~/map/useMap'
import { clustersQuery, dotsQuery, type Cluster } from './queries'
import type { HomesUrl } from './url'

const PAUSE = 80
const LEAST_DOT_ZOOM = 10

export interface View {
  bbox: Box
  zoom: number
}

/** The viewport in whole cells; it changes only when a move leaves them. */
export function useView(map: MapLibre | null): View | null {
  const [view, setView] = useState<View | null>(null)
  useEffect(() => {
    if (map === null) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const look = () => {
      const next = snapped(boxOfMap(map), map.getZoom())
      setView((before) => (before !== null && before.zoom === next.zoom && before.bbox.join() === next.bbox.join() ? before : next))
    }
    const later = () => {
      clearTimeout(timer)
      timer = setTimeout(look, PAUSE)
    }
    look()
    map.on('move', later)
    return () => {
      clearTimeout(timer)
      map.off('move', later)
    }
  }, [map])
  return view
}

const NOWHERE: View = { bbox: [0, 0, 0, 0], zoom: 0 }
const NONE: readonly Cluster[] = []

/** `on`: whether the server is asked at all. */
export function useClusters(map: MapLibre | null, market: string, search: HomesUrl, on: boolean): { clusters: readonly Cluster[]; dots: readonly Cluster[]; error: unknown } {
  const view = useView(map)
  const clusters = useQuery({ ...clustersQuery(market, search, view ?? NOWHERE), enabled: on && view !== null, placeholderData: keepPreviousData })
  const dots = useQuery({ ...dotsQuery(market, view ?? NOWHERE), enabled: on && view !== null && view.zoom >= LEAST_DOT_ZOOM, placeholderData: keepPreviousData })
  return { clusters: clusters.data?.features ?? NONE, dots: dots.data?.features ?? NONE, error: clusters.error }
}
