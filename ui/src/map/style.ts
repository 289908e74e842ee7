// The style of the map, from the colours of the theme in force. Text needs no glyph files: the fonts are those of the page.
import type { StyleSpecification } from 'maplibre-gl'
import { colourOf } from '~/components/colours'
import countiesUrl from './generated/counties.json?url'
import landUrl from './generated/land.json?url'
import namesUrl from './generated/names.json?url'
import statesUrl from './generated/states.json?url'
import { groundLayers, groundSource, hasNames, type Ground } from './ground'
import { FONTS } from './library'
import { placeLayers, placesSource } from './places'

const absolute = (url: string) => new URL(url, globalThis.location.href).href

/** Water, land, borders and names. What pages draw comes above it, by `useLayers`. */
export function baseStyle(ground: Ground | null): StyleSpecification {
  const [water, land, line, edge, words, halo] = [colourOf('sunk'), colourOf('page'), colourOf('line'), colourOf('edge'), colourOf('ink-3'), colourOf('page')]
  const outline = (url: string) => ({ type: 'geojson' as const, data: absolute(url), maxzoom: 10, tolerance: 0.3 })
  return {
    version: 8,
    sources: { land: outline(landUrl), states: outline(statesUrl), counties: outline(countiesUrl), names: { type: 'geojson', data: absolute(namesUrl), maxzoom: 8 }, places: placesSource, ...(ground !== null && { ground: groundSource(ground) }) },
    layers: [
      { id: 'water', type: 'background', paint: { 'background-color': water } },
      { id: 'land', type: 'fill', source: 'land', paint: { 'fill-color': land, 'fill-antialias': false } },
      ...(ground === null ? [] : groundLayers(ground)),
      { id: 'shore', type: 'line', source: 'land', paint: { 'line-color': edge, 'line-width': 0.75 } },
      { id: 'counties', type: 'line', source: 'counties', minzoom: 5, paint: { 'line-color': line, 'line-width': ['interpolate', ['linear'], ['zoom'], 5, 0.5, 10, 1.5] } },
      { id: 'states', type: 'line', source: 'states', paint: { 'line-color': edge, 'line-width': ['interpolate', ['linear'], ['zoom'], 3, 0.75, 10, 1.75] } },
      {
        id: 'names', type: 'symbol', source: 'names',
        filter: ['case', ['==', ['get', 'kind'], 'state'], ['<', ['zoom'], 7], ['>=', ['zoom'], 6.5]],
        layout: {
          'text-field': ['get', 'name'], 'text-font': [FONTS.medium], 'text-size': ['case', ['==', ['get', 'kind'], 'state'], 13, 12],
          'text-max-width': 7, 'symbol-sort-key': ['-', 0, ['get', 'size']], 'text-padding': 8,
        },
        paint: { 'text-color': words, 'text-halo-color': halo, 'text-halo-width': 1.25 },
      },
      ...placeLayers(ground === null || !hasNames(ground)),
    ],
  }
}
