// The homes that the reader has marked, read one by one: as many as are shown.
import { useQueries } from '@tanstack/react-query'
import { ApiError } from '~/api/errors'
import { boxOf, type Box } from '~/map/geometry'
import { homeQuery, type Home } from './home'
import type { Cluster } from './queries'
import { priceOf } from './words'

export interface Marked {
  /** Those that could be read, in the order of the ids. */
  homes: readonly Home[]
  pending: boolean
  /** How many are not there any more. */
  missing: number
  /** What kept one of the others from coming. */
  error: unknown
  retry: () => void
}

export function useMarked(ids: readonly string[]): Marked {
  return useQueries({
    queries: ids.map(homeQuery),
    combine: (results) => {
      const failed = results.filter(({ error }) => error !== null && !isMissing(error))
      return {
        homes: results.flatMap(({ data }) => data ?? []),
        pending: results.some(({ isPending }) => isPending),
        missing: results.filter(({ error }) => error !== null && isMissing(error)).length,
        error: failed[0]?.error ?? null,
        retry: () => failed.forEach((one) => void one.refetch()),
      }
    },
  })
}

function isMissing(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404
}

type Placed = Home & { longitude: number; latitude: number }

function placed(homes: readonly Home[]): Placed[] {
  return homes.filter((home): home is Placed => home.longitude != null && home.latitude != null)
}

/** Each home as a bubble of one, for the map. */
export function asClusters(homes: readonly Home[]): Cluster[] {
  return placed(homes).map((home) => {
    const { id, longitude, latitude } = home
    return { id, longitude, latitude, count: 1, value: priceOf(home), p10: null, p90: null, bbox: [longitude, latitude, longitude, latitude], listing_id: id }
  })
}

// Degrees around the outermost homes, so that a single one has streets around it.
const AIR = 0.01

/** A box with room around the homes; null when none has a place. */
export function boxAround(homes: readonly Home[]): Box | null {
  const places = placed(homes)
  if (places.length === 0) return null
  const [west, south, east, north] = boxOf(places.map(({ longitude, latitude }) => [longitude, latitude]))
  return [west - AIR, south - AIR, east + AIR, north + AIR]
}
