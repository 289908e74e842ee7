// Shapes of the map: clipping, circles, viewports, and how they are written in an address.
import { describe, expect, it } from 'vitest'
import { areaOf, boxOf, circle, clip, isNearly, metresBetween, overlap, readBox, readRings, ringOf, snapped, writeRings, zoomFor, type Box, type Ring } from '~/map/geometry'

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

it('a box is read from an address, or is none', () => {
  expect(readBox('-105,39,-104,40')).toEqual([-105, 39, -104, 40])
  for (const written of ['1,2,0,3', '1,2,3', '1,2,3,4,5', '-190,0,0,1', 'a,b,c,d']) expect(readBox(written)).toBeNull()
})

it('a degree of latitude is 111 km everywhere, one of longitude only at the equator', () => {
  expect(metresBetween([10, 0], [10, 1])).toBeCloseTo(111_195, 0)
  expect(metresBetween([10, 60], [10, 61])).toBeCloseTo(111_195, 0)
  expect(metresBetween([10, 60], [11, 60]) / metresBetween([10, 0], [11, 0])).toBeCloseTo(0.5, 3)
})

it('a box fills the narrower side at its zoom', () => {
  expect(zoomFor([-180, -85.051129, 180, 85.051129], 512, 512)).toBeCloseTo(0)
  expect(zoomFor([-45, -10, 45, 10], 1024, 1024)).toBeCloseTo(3)
  expect(zoomFor([10, 10, 10, 10], 800, 600)).toBe(22)
})
