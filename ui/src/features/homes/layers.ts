// What the search draws on the map: dots of all homes, bubbles, price pills, and the few homes that stand out.
import type { ExpressionSpecification, GeoJSONSource, Map as MapLibre } from 'maplibre-gl'
import type { Feature } from 'geojson'
import { colourOf } from '~/components/colours'
import { count as countWords, moneyShort } from '~/format/numbers'
import { FONTS } from '~/map/library'
import { addBubbles, addPills, bubbles, looks, pillName, textColour, type Look } from '~/map/pills'
import { addAreas, addDrawing } from '~/map/useDrawing'
import { stateOf, type Known } from './known'
import type { Home } from './home'
import type { Cluster } from './queries'

const EMPTY = { type: 'geojson' as const, data: { type: 'FeatureCollection' as const, features: [] } }

/** Puts sources, pictures and layers on a fresh style, the lowest first. */
export function dressHomes(map: MapLibre): void {
  const [accent, panel, dots] = [colourOf('accent'), colourOf('panel'), colourOf('edge')]
  addPills(map)
  addBubbles(map, colourOf('accent-bg'), accent)
  map.addSource('dots', EMPTY)
  map.addSource('clusters', { ...EMPTY, promoteId: 'id' })
  map.addSource('lifted', { ...EMPTY, promoteId: 'id' })
  map.addLayer({
    id: 'dots', type: 'circle', source: 'dots', minzoom: 10,
    paint: { 'circle-color': dots, 'circle-radius': ['interpolate', ['linear'], ['get', 'count'], 1, 1.5, 20, 3], 'circle-opacity': 0.55 },
  }, 'names')
  addAreas(map, accent)
  // A ring around the bubble under the pointer.
  map.addLayer({
    id: 'cluster-ring', type: 'circle', source: 'clusters', filter: ['>', ['get', 'count'], 1],
    paint: {
      'circle-radius': ['+', radius(), 4], 'circle-color': colourOf('ink'),
      'circle-opacity': ['case', ['boolean', ['feature-state', 'hover'], false], 1, 0],
    },
  })
  map.addLayer({
    id: 'clusters', type: 'symbol', source: 'clusters', filter: ['>', ['get', 'count'], 1],
    layout: {
      'icon-image': ['concat', 'bubble-', ['to-string', radius()]], 'icon-allow-overlap': true,
      'text-field': ['format', ['get', 'words'], { 'font-scale': 1.1, 'text-font': ['literal', [FONTS.bold]] }, '\n', {}, ['get', 'money'], { 'font-scale': 0.82 }],
      'text-font': [FONTS.medium], 'text-size': 12, 'text-line-height': 1.05, 'text-allow-overlap': true, 'text-ignore-placement': true,
      // The larger ones lie above.
      'symbol-sort-key': ['get', 'count'],
    },
    paint: { 'text-color': accent },
  })
  map.addLayer(pills('pills', 'clusters', false))
  map.addLayer(pills('lifted', 'lifted', true))
  addDrawing(map, accent, panel)
}

const DIM = 0.35

/** Homes step back while an area is drawn over them. */
export function dimHomes(map: MapLibre, dim: boolean): void {
  for (const layer of ['clusters', 'pills', 'lifted']) {
    for (const part of ['icon-opacity', 'text-opacity'] as const) map.setPaintProperty(layer, part, dim ? DIM : 1)
  }
}

/** The radius of a bubble by its count. */
function radius(): ExpressionSpecification {
  const [first, ...more] = bubbles
  return ['step', ['get', 'count'], first.radius, ...more.flatMap(({ from, radius }) => [from, radius])]
}

function pills(id: string, source: string, overlaps: boolean) {
  const colour = looks.flatMap((look) => [look, textColour(look)])
  return {
    id, source, type: 'symbol' as const,
    filter: ['==', ['get', 'count'], 1] as ['==', ['get', string], number],
    layout: {
      'icon-image': ['get', 'picture'] as ['get', string],
      'icon-text-fit': 'both' as const, 'icon-text-fit-padding': [1.5, 1, 1.5, 1] as [number, number, number, number], 'icon-allow-overlap': overlaps, 'icon-padding': 1,
      'text-field': ['get', 'words'] as ['get', string], 'text-font': [FONTS.bold], 'text-size': 12, 'text-anchor': 'bottom' as const,
      'text-offset': [0, -0.65] as [number, number], 'text-allow-overlap': overlaps,
      'symbol-sort-key': ['get', 'rank'] as ['get', string],
    },
    paint: { 'text-color': ['match', ['get', 'look'], ...colour, textColour('plain')] as unknown as string },
  }
}

export function showClusters(map: MapLibre, clusters: readonly Cluster[], known: Known): void {
  void map.getSource<GeoJSONSource>('clusters')?.setData({ type: 'FeatureCollection', features: clusters.map((cluster) => clusterFeature(cluster, known)) })
}

export function showDots(map: MapLibre, clusters: readonly Cluster[]): void {
  const features = clusters.map(({ longitude, latitude, count }) => at(longitude, latitude, { count }))
  void map.getSource<GeoJSONSource>('dots')?.setData({ type: 'FeatureCollection', features })
}

/** A home that stands out, wherever it is known from. */
export interface Lifted {
  id: string
  longitude: number
  latitude: number
  words: string
}

/** A home as it is lifted; null when nobody knows where it stands. */
export function liftedHome(home: Home): Lifted | null {
  const { id, longitude, latitude } = home
  return longitude == null || latitude == null ? null : { id, longitude, latitude, words: pillWords(home) }
}

/** A bubble of one as it is lifted. */
export function liftedCluster({ listing_id: id, longitude, latitude, value }: Cluster): Lifted | null {
  return id === null ? null : { id, longitude, latitude, words: value === null ? 'No price' : moneyShort(value) }
}

/** The hovered and the selected home, above everything else. */
export function showLifted(map: MapLibre, selected: Lifted | null, hovered: Lifted | null, favourites: ReadonlySet<string>): void {
  const one = (home: Lifted | null, look: Look) => (home === null ? [] : [at(home.longitude, home.latitude, { id: home.id, count: 1, look, picture: pillName(look, favourites.has(home.id)), words: home.words, rank: 0 })])
  const features = [...one(selected, 'selected'), ...(hovered?.id === selected?.id ? [] : one(hovered, 'hover'))]
  void map.getSource<GeoJSONSource>('lifted')?.setData({ type: 'FeatureCollection', features })
}

function clusterFeature({ id, longitude, latitude, count, value, listing_id: listing }: Cluster, known: Known): Feature {
  const money = value === null ? '' : moneyShort(value)
  if (count > 1 || listing === null) return at(longitude, latitude, { id, count: Math.max(count, 2), words: countWords(count), money: value === null ? '' : moneyShort(rounded(value)) })
  const state = stateOf(listing, known)
  const look: Look = state === 'hidden' ? 'gone' : state
  const favourite = known.favourites.has(listing)
  const before = state === 'hidden' ? 'Hidden ' : state === 'gone' ? (STATUS_WORDS[known.statuses.get(listing) ?? 'active'] ?? '') : ''
  // The lower the rank, the surer a pill is to find room.
  const rank = look === 'picked' ? 1 : favourite ? 2 : RANKS[look]
  return at(longitude, latitude, { id, count: 1, listing, look, picture: pillName(look, favourite), words: `${before}${money || 'No price'}`, rank })
}

/** A bubble has no room for the second digit of a million. */
function rounded(value: number): number {
  return value < 999_500 ? value : Math.round(value / 100_000) * 100_000
}

const RANKS: Record<Look, number> = { selected: 0, hover: 0, picked: 1, plain: 3, viewed: 4, gone: 5 }

const STATUS_WORDS: Partial<Record<Home['status'], string>> = { closed: 'Sold ', pending: 'Pending ', active_under_contract: 'Under contract ' }

function pillWords(home: Home): string {
  const price = home.status === 'closed' ? (home.close_price ?? home.list_price) : home.list_price
  const words = price == null ? 'No price' : moneyShort(price)
  return `${STATUS_WORDS[home.status] ?? ''}${words}`
}

function at(longitude: number, latitude: number, properties: object): Feature {
  return { type: 'Feature', properties, geometry: { type: 'Point', coordinates: [longitude, latitude] } }
}
