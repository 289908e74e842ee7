// Shapes of the map: clipping, circles, viewports, and how they are written in an address.
import { describe, expect, it } from 'vitest'
import { areaOf, boxOf, circle, clip, isNearly, overlap, readRings, ringOf, snapped, writeRings, type Box, type Ring } from '~/map/geometry'

const square: Ring = [[-105, 39], [-104, 39], [-104, 40], [-105, 40]]

describe('clipping', () => {
  it('keeps what lies inside and cuts what does not', () => {
    expect(clip(square, [-110, 30, -100, 50])).toHaveLength(4)
    expect(boxOf(clip(square, [-104.5, 39.5, -100, 50]))).toEqual([-104.5, 39.5, -104, 40])
    expect(clip(square, [0, 0, 1, 1])).toEqual([])
  })

  it('tells boxes apart by more than a fiftieth', () => {
    expect(isNearly([0, 0, 10, 10], [0.1, 0, 10.1, 10])).toBe(true)
    expect(isNearly([0, 0, 10, 10], [0, 0, 10, 11])).toBe(false)
  })

  it('of two boxes is where both are', () => {
    expect(overlap([0, 0, 2, 2], [1, 1, 3, 3])).toEqual([1, 1, 2, 2])
    expect(overlap([0, 0, 1, 1], [2, 2, 3, 3])).toBeNull()
  })
})

describe('a circle', () => {
  it('has nearly the size of one', () => {
    const radius = 3000
    expect(areaOf(circle([-104.98, 39.74], radius)) / (Math.PI * radius ** 2)).toBeCloseTo(1, 1)
  })
})

describe('the viewport of clusters', () => {
  const view: Box = [-105.1, 39.6, -104.8, 39.8]

  it('covers what is seen and stays the same under small moves', () => {
    const { bbox, zoom } = snapped(view, 11.7)
    expect(zoom).toBe(11)
    expect(bbox[0]).toBeLessThan(view[0])
    expect(bbox[1]).toBeLessThan(view[1])
    expect(bbox[2]).toBeGreaterThan(view[2])
    expect(bbox[3]).toBeGreaterThan(view[3])
    const moved: Box = [view[0] + 1e-6, view[1] + 1e-6, view[2] + 1e-6, view[3] + 1e-6]
    expect(snapped(moved, 11.2).bbox).toEqual(bbox)
  })

  it('stays on the earth', () => {
    const { bbox } = snapped([-180, -85, 180, 85], 0)
    expect(bbox.every((angle, index) => Math.abs(angle) <= (index % 2 === 0 ? 180 : 90))).toBe(true)
  })
})

describe('areas in an address', () => {
  it('come back as they were', () => {
    const rings = [square, ringOf([-1, -1, 1, 1])]
    expect(readRings(writeRings(rings))).toEqual(rings)
  })

  it('are left out when they are none', () => {
    expect(readRings('1,2,3,4')).toEqual([])
    expect(readRings('a,b,c,d,e,f*-105,39,-104,39,-104,40')).toHaveLength(1)
  })
})
