// The ground of the map from the operator's own tiles, when the server has a file of them: pictures, or shapes in the schema of
// Protomaps or OpenMapTiles. What is not known by name is not drawn.
import type { FilterSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl'
import { colourOf } from '~/components/colours'
import { FONTS } from './library'

/** What the server says of its file, as TileJSON. */
export interface Ground {
  tiles: string[]
  minzoom: number
  maxzoom: number
  media_type: string
  attribution?: string
}

/** Asks the server for its tiles; null when it has none. */
export async function readGround(): Promise<Ground | null> {
  const answer = await fetch('/tiles', { headers: { accept: 'application/json' } }).catch(() => null)
  return answer?.ok === true ? ((await answer.json()) as Ground) : null
}

const isPicture = ({ media_type: type }: Ground) => type.startsWith('image/')

/** Whether the tiles name cities themselves, as far as is known: shapes do, and what a picture shows cannot be told. */
export function hasNames(ground: Ground): boolean {
  return !isPicture(ground)
}

export function groundSource(ground: Ground): SourceSpecification {
  const tiles = ground.tiles.map((path) => globalThis.location.origin + path)
  const { minzoom, maxzoom } = ground
  return isPicture(ground) ? { type: 'raster', tiles, minzoom, maxzoom, tileSize: 256 } : { type: 'vector', tiles, minzoom, maxzoom }
}

/** The words that the file demands, without their markup. */
export function creditOf({ attribution }: Ground): string {
  return attribution === undefined ? '' : (new DOMParser().parseFromString(attribution, 'text/html').body.textContent || '').trim()
}

const SMALL: FilterSpecification = ['!', ['in', ['coalesce', ['get', 'kind'], ['get', 'class'], ''], ['literal', ['highway', 'major_road', 'motorway', 'trunk', 'primary', 'secondary']]]]
const LARGE: FilterSpecification = ['in', ['coalesce', ['get', 'kind'], ['get', 'class'], ''], ['literal', ['highway', 'major_road', 'motorway', 'trunk', 'primary', 'secondary']]]

/** Layers above the land and below the borders. */
export function groundLayers(ground: Ground): LayerSpecification[] {
  if (isPicture(ground)) return [{ id: 'ground', type: 'raster', source: 'ground', paint: { 'raster-saturation': -0.6, 'raster-opacity': 0.8 } }]
  const [water, green, line, edge, words, halo] = [colourOf('cool-bg'), colourOf('sunk'), colourOf('line'), colourOf('edge'), colourOf('ink-3'), colourOf('page')]
  const of = (layer: string) => ({ id: `ground-${layer}`, source: 'ground', 'source-layer': layer })
  const fill = (layer: string, colour: string): LayerSpecification => ({ ...of(layer), type: 'fill', filter: ['==', ['geometry-type'], 'Polygon'], paint: { 'fill-color': colour } })
  const roads = (layer: string): LayerSpecification[] => [
    { ...of(layer), id: `ground-${layer}-small`, type: 'line', minzoom: 12, filter: SMALL, paint: { 'line-color': line, 'line-width': ['interpolate', ['exponential', 1.6], ['zoom'], 12, 0.5, 18, 9] } },
    { ...of(layer), id: `ground-${layer}-large`, type: 'line', filter: LARGE, paint: { 'line-color': edge, 'line-opacity': 0.6, 'line-width': ['interpolate', ['exponential', 1.6], ['zoom'], 7, 0.5, 18, 14] } },
  ]
  const names = (layer: string, along: boolean): LayerSpecification => ({
    ...of(layer), id: `ground-${layer}-names`, type: 'symbol', minzoom: along ? 14 : 4,
    layout: { 'symbol-placement': along ? 'line' : 'point', 'text-field': ['coalesce', ['get', 'name'], ''], 'text-font': [FONTS.medium], 'text-size': along ? 11 : 12 },
    paint: { 'text-color': words, 'text-halo-color': halo, 'text-halo-width': 1.25 },
  })
  return [
    fill('landcover', green), fill('landuse', green), fill('water', water), fill('buildings', line), fill('building', line),
    ...roads('roads'), ...roads('transportation'),
    names('roads', true), names('transportation_name', true), names('places', false), names('place', false),
  ]
}
