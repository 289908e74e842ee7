// Bubbles that would cover each other.
import { describe, expect, it } from 'vitest'
import { spread } from '~/map/spread'

const ZOOM = 10
// Degrees of a pixel at that zoom, east to west.
const PIXEL = 360 / (512 * 2 ** ZOOM)
const at = (x: number, y = 0, radius = 20, fixed = false) => ({ longitude: x * PIXEL, latitude: y * PIXEL, radius, fixed })
const apart = (items: readonly ReturnType<typeof at>[]) => spread(items, ({ radius, fixed }) => ({ radius, fixed }), ZOOM)
const pixels = (one: { longitude: number; latitude: number }, other: { longitude: number; latitude: number }) => Math.hypot(one.longitude - other.longitude, one.latitude - other.latitude) / PIXEL

describe('bubbles', () => {
  it('stay where they are while they have room, and are the same objects', () => {
    const items = [at(0), at(50), at(0, 60)]
    expect(apart(items)).toBe(items)
  })

  it('that overlap are moved apart, both as far, in order', () => {
    const [one, other] = apart([at(0), at(30)])
    expect(pixels(one ?? at(0), other ?? at(0))).toBeCloseTo(41, 1)
    expect((one?.longitude ?? 0) / PIXEL).toBeCloseTo(-5.5, 1)
    expect(one?.latitude).toBeCloseTo(0)
  })

  it('at the same place part to the sides', () => {
    const [one, other] = apart([at(0, 0, 5), at(0, 0, 5)])
    expect(pixels(one ?? at(0), other ?? at(0))).toBeCloseTo(11, 1)
  })

  it('never go further than 14 pixels, however many there are', () => {
    const items = Array.from({ length: 60 }, (_, n) => at((n % 8) * 9, Math.floor(n / 8) * 9))
    apart(items).forEach((item, n) => expect(pixels(item, items[n] ?? item)).toBeLessThan(14.1))
  })

  it('go all of the way where the other stays', () => {
    const [pill, bubble] = apart([at(0, 0, 10, true), at(20, 0, 20)])
    expect(pill?.longitude).toBe(0)
    expect((bubble?.longitude ?? 0) / PIXEL).toBeCloseTo(31, 1)
  })

  it('make room for what stands above its place', () => {
    const [, bubble] = spread([at(0), at(0, 20)], ({ longitude, latitude }) => (longitude === 0 && latitude === 0 ? { radius: 10, above: 20, fixed: true } : { radius: 5 }), ZOOM)
    expect(pixels(bubble ?? at(0), at(0, 20))).toBeCloseTo(14, 0)
  })
})
