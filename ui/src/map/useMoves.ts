// The place of the map and the address, each following the other.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useRef } from 'react'
import { isNearly, readBox, type Box } from './geometry'
import { boxOfMap } from './useMap'

/** Where the address says that the map is; the page's own start when it says nothing. */
export interface Place {
  bbox?: string
  z?: number
}

/** Tells the page where the map has gone, and goes where the address says. */
export function useMoves(map: MapLibre | null, place: Place, onMove: (box: Box, zoom: number) => void): void {
  const latest = useRef({ place, onMove })
  latest.current = { place, onMove }
  const told = useRef(place.bbox)
  useEffect(() => {
    if (map === null) return
    let before = written(map)
    const onEnd = () => {
      const now = written(map)
      // A change of the window's size alone is no search of its own.
      if (now === before && latest.current.place.bbox === undefined) return
      before = now
      const box = boxOfMap(map)
      told.current = box.join(',')
      latest.current.onMove(box, Number(map.getZoom().toFixed(2)))
    }
    map.on('moveend', onEnd)
    // In a window of another size the same address shows another part; the list follows what is seen.
    const asked = latest.current.place.bbox === undefined ? null : readBox(latest.current.place.bbox)
    if (asked !== null && !isNearly(asked, boxOfMap(map))) onEnd()
    return () => void map.off('moveend', onEnd)
  }, [map])
  useEffect(() => {
    const box = place.bbox === undefined ? null : readBox(place.bbox)
    if (map === null || box === null || place.bbox === told.current) return
    told.current = place.bbox
    const [west, south, east, north] = box
    if (place.z === undefined) map.fitBounds([west, south, east, north], { duration: 0 })
    else map.jumpTo({ center: [(west + east) / 2, (south + north) / 2], zoom: place.z })
  }, [map, place.bbox, place.z])
}

function written(map: MapLibre): string {
  const { lng, lat } = map.getCenter()
  return `${lng.toFixed(6)} ${lat.toFixed(6)} ${map.getZoom().toFixed(3)}`
}
