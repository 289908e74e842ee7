// Names of cities and postal areas on the map, from the market's own listings: no table of places comes with the product.
import type { Feature, FeatureCollection } from 'geojson'
import type { FilterSpecification, LayerSpecification, SourceSpecification } from 'maplibre-gl'
import type { Schema } from '~/api/client'
import { colourOf } from '~/components/colours'
import { FONTS } from './library'

export type Place = Schema<'PlaceOut'>

/** Empty until the names have come. */
export const placesSource: SourceSpecification = { type: 'geojson', data: { type: 'FeatureCollection', features: [] }, maxzoom: 12 }

const ANCHORS = ['center', 'bottom', 'top', 'left', 'right', 'bottom-left', 'bottom-right', 'top-left', 'top-right'] as const

const isOf = (kind: Place['kind']): FilterSpecification => ['==', ['get', 'kind'], kind]

/** Layers above all other names, `withCities` or with postal codes alone. What lies above them takes its room first. */
export function placeLayers(withCities: boolean): LayerSpecification[] {
  const [city, code, halo] = [colourOf('ink-2'), colourOf('ink-3'), colourOf('page')]
  const layout = {
    'text-field': ['get', 'name'] as ['get', string], 'text-font': [FONTS.medium], 'text-max-width': 7,
    // The larger ones find room first, and what stands in the middle has a name beside it.
    'symbol-sort-key': ['-', 0, ['get', 'homes']] as ['-', number, ['get', string]],
    'text-variable-anchor': [...ANCHORS], 'text-padding': 2,
  }
  const codes: LayerSpecification = {
    id: 'postal-codes', type: 'symbol', source: 'places', minzoom: 11, filter: isOf('postal_code'),
    layout: { ...layout, 'text-size': 11, 'text-radial-offset': 2.4 },
    paint: { 'text-color': code, 'text-halo-color': halo, 'text-halo-width': 1.25 },
  }
  const cities: LayerSpecification = {
    id: 'cities', type: 'symbol', source: 'places', minzoom: 8, filter: isOf('city'),
    layout: { ...layout, 'text-size': ['interpolate', ['linear'], ['zoom'], 8, 12, 13, 15], 'text-radial-offset': 2.2 },
    paint: { 'text-color': city, 'text-halo-color': halo, 'text-halo-width': 1.5 },
  }
  return withCities ? [codes, cities] : [codes]
}

export function placeFeatures(places: readonly Place[]): FeatureCollection {
  const features = places.map(({ kind, name, homes, longitude, latitude }): Feature => ({
    type: 'Feature', properties: { kind, name, homes }, geometry: { type: 'Point', coordinates: [longitude, latitude] },
  }))
  return { type: 'FeatureCollection', features }
}
