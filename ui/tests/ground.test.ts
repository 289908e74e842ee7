// The operator's tiles in the style of the map.
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it, vi } from 'vitest'
import { creditOf, groundLayers, groundSource, type Ground } from '~/map/ground'

vi.mock('~/map/library', () => ({ FONTS: { medium: 'Map Medium', bold: 'Map Bold' } }))
vi.mock('~/components/colours', () => ({ colourOf: () => 'rgb(1, 2, 3)' }))

const shapes: Ground = { tiles: ['/tiles/{z}/{x}/{y}'], minzoom: 0, maxzoom: 14, media_type: 'application/vnd.mapbox-vector-tile' }

describe('the ground of the map', () => {
  it.each([shapes, { ...shapes, media_type: 'image/png' }])('is a valid style for $media_type', (ground) => {
    const style = { version: 8 as const, sources: { ground: groundSource(ground) }, layers: groundLayers(ground) }
    expect(validateStyleMin(style).map(({ message }) => message).filter((message) => !message.includes('glyphs'))).toEqual([])
    expect(groundLayers(ground).length).toBeGreaterThan(0)
  })

  it('gives credit without markup', () => {
    expect(creditOf({ ...shapes, attribution: '<a href="https://example.com">&copy; A surveyor</a>' })).toBe('© A surveyor')
    expect(creditOf(shapes)).toBe('')
  })
})
