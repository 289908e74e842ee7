// Names of cities and postal areas in the style of the map.
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it, vi } from 'vitest'
import { hasNames, type Ground } from '~/map/ground'
import { placeFeatures, placeLayers, placesSource, type Place } from '~/map/places'

vi.mock('~/map/library', () => ({ FONTS: { medium: 'Map Medium', bold: 'Map Bold' } }))
vi.mock('~/components/colours', () => ({ colourOf: () => 'rgb(1, 2, 3)' }))

const shapes: Ground = { tiles: [], minzoom: 0, maxzoom: 14, media_type: 'application/vnd.mapbox-vector-tile' }
const kirkland: Place = { kind: 'city', name: 'Kirkland', latitude: 47.67, longitude: -122.21, homes: 1234 }

describe('names of places', () => {
  it.each([true, false])('are a valid style, with cities: %s', (withCities) => {
    const layers = placeLayers(withCities)
    const style = { version: 8 as const, sources: { places: placesSource }, layers }
    expect(validateStyleMin(style).map(({ message }) => message).filter((message) => !message.includes('glyphs'))).toEqual([])
    expect(layers.map(({ id }) => id)).toEqual(withCities ? ['postal-codes', 'cities'] : ['postal-codes'])
  })

  it('stand where the server says', () => {
    expect(placeFeatures([kirkland]).features).toEqual([
      { type: 'Feature', properties: { kind: 'city', name: 'Kirkland', homes: 1234 }, geometry: { type: 'Point', coordinates: [-122.21, 47.67] } },
    ])
  })

  it('leave cities to tiles that name them', () => {
    expect([shapes, { ...shapes, media_type: 'image/png' }].map(hasNames)).toEqual([true, false])
  })
})
