// The names of cities and postal areas of a market, asked for once the map stands.
import { queryOptions, useQuery } from '@tanstack/react-query'
import type { GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import { useEffect, useState } from 'react'
import { api, take } from '~/api/client'
import { key } from '~/api/keys'
import { placeFeatures } from './places'

// The server keeps them, too, and an import makes them old at once.
const FRESH = 10 * 60_000

function placesQuery(market: string) {
  return queryOptions({
    queryKey: key('markets', 'places', { id: market }),
    queryFn: ({ signal }) => take(api.GET('/api/v1/markets/{id}/places', { params: { path: { id: market } }, signal })),
    staleTime: FRESH,
  })
}

/** Puts the names on the map, and on each fresh style (`version`). Without them, as when they fail to come, the map is as it was. */
export function usePlaces(map: MapLibre | null, version: number, market: string): void {
  const stands = useStands(map)
  const { data } = useQuery({ ...placesQuery(market), enabled: stands })
  useEffect(() => {
    if (map !== null && version > 0 && data !== undefined) void map.getSource<GeoJSONSource>('places')?.setData(placeFeatures(data.items))
  }, [map, version, data])
}

/** Whether all that the map shows at first is drawn. */
function useStands(map: MapLibre | null): boolean {
  const [stands, setStands] = useState(false)
  useEffect(() => {
    if (map === null) return
    const onIdle = () => setStands(true)
    map.on('idle', onIdle)
    // It may have become idle before.
    map.triggerRepaint()
    return () => void map.off('idle', onIdle)
  }, [map])
  return stands
}
