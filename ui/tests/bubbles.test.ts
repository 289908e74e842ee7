// The bubble map: what is asked, how cells are put together, sizes, colours, places.
import { describe, expect, it } from 'vitest'
import { join, questionsFor, whereabouts } from '~/features/bubbles/areas'
import { sorted } from '~/features/bubbles/AreaTable'
import { mixed, type Shades } from '~/features/bubbles/colours'
import { bubblesOf, scaleOf } from '~/features/bubbles/drawn'
import { write, writeShort } from '~/features/bubbles/metrics'
import { breaksOf, classOf, LARGEST, marks, radiusOf, shadeOf, SMALLEST } from '~/features/bubbles/scale'
import { boundOf, bubblesUrl } from '~/features/bubbles/url'

const cluster = (id: string, count: number, value: number | null) => ({ id, longitude: -105, latitude: 39, count, value, p10: value === null ? null : value * 0.8, p90: value === null ? null : value * 1.3, bbox: [-105.1, 38.9, -104.9, 39.1], listing_id: null })

describe('what is asked', () => {
  it('is no more than is bound, for whatever is asked counts homes too', () => {
    expect(questionsFor(['for_sale', 'asking_price', 'asking_spread'])).toEqual([{ group: 'for_sale', asked: 'median_price' }])
    expect(questionsFor(['sold', 'estimate_gap'])).toEqual([{ group: 'for_sale', asked: 'estimate_gap' }, { group: 'sold', asked: 'count' }])
  })

  it('comes from the address, and what is not known is left out', () => {
    expect(boundOf(bubblesUrl({ size: 'sold', color: 'weather' }))).toEqual({ size: 'sold', color: 'asking_price', metric: 'asking_price' })
  })
})

describe('areas', () => {
  const areas = join([
    { group: 'for_sale', asked: 'median_price', features: [cluster('a', 8, 400_000), cluster('b', 2, 900_000)] },
    { group: 'sold', asked: 'count', features: [{ ...cluster('a', 50, 50), longitude: -104.95 }, cluster('c', 9, 9)] },
  ])

  it('are the same cell in each answer, standing where most homes are', () => {
    expect(areas.map(({ id, homes }) => [id, homes])).toEqual([['a', { for_sale: 8, sold: 50 }], ['b', { for_sale: 2 }], ['c', { sold: 9 }]])
    expect(areas[0]?.longitude).toBe(-104.95)
    expect(areas[0]?.values).toMatchObject({ for_sale: 8, sold: 50, asking_price: 400_000 })
    expect(areas[0]?.values.asking_spread).toBeCloseTo(0.5)
  })

  it('tell no price of a few homes', () => {
    expect(areas[1]?.values).toEqual({ for_sale: 2 })
  })

  it('are put in order with the unknown last', () => {
    expect(sorted(areas, '-for_sale').map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(sorted(areas, 'asking_price').map(({ id }) => id)[0]).toBe('a')
  })

  it('are found from the middle', () => {
    expect(whereabouts({ longitude: -105, latitude: 39 }, [-105, 39])).toBe('In the middle')
    expect(whereabouts({ longitude: -105, latitude: 39.1 }, [-105, 39])).toBe('6.9 mi north of the middle')
    expect(whereabouts({ longitude: -105.1, latitude: 38.92 }, [-105, 39])).toBe('7.7 mi south-west of the middle')
    expect(whereabouts({ longitude: -104, latitude: 39 }, [-105, 39])).toBe('54 mi east of the middle')
  })
})

describe('sizes', () => {
  it('have areas in proportion, and are never too small to be hit', () => {
    expect(radiusOf(100, 100)).toBe(LARGEST)
    expect(radiusOf(25, 100)).toBe(LARGEST / 2)
    expect(radiusOf(-100, 100)).toBe(LARGEST)
    expect(radiusOf(0.1, 100)).toBe(SMALLEST)
    expect(radiusOf(undefined, 100)).toBe(SMALLEST)
  })

  it('are shown by round numbers within what there is', () => {
    expect(marks(437)).toEqual([200, 50, 10])
    expect(marks(3, 1)).toEqual([2])
    expect(marks(0.3)).toEqual([0.2, 0.05, 0.01])
    expect(marks(0)).toEqual([])
  })
})

describe('colours', () => {
  it('part the areas into classes of about as many', () => {
    const breaks = breaksOf([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(breaks).toEqual([3, 5, 7, 9])
    expect([1, 3, 10].map((value) => classOf(value, breaks))).toEqual([0, 1, 4])
    expect(breaksOf([5, 5, 5])).toEqual([])
  })

  it('keep the ends of the ramp when there are few classes', () => {
    expect([0, 1].map((at) => shadeOf(at, 2))).toEqual([0, 4])
    expect(shadeOf(0, 1)).toBe(2)
  })

  it('are mixed by share', () => {
    expect(mixed('rgb(0, 100, 200)', 'rgb(100, 100, 100)', 0.5)).toBe('rgb(50, 100, 150)')
  })

  it('say that nothing is known', () => {
    const shade = (fill: string) => ({ fill, ink: 'ink' })
    const shades: Shades = { rising: ['1', '2', '3', '4', '5'].map(shade), changing: ['a', 'b', 'c', 'd', 'e'].map(shade), none: shade('none') }
    const areas = join([{ group: 'for_sale', asked: 'estimate_gap', features: [cluster('a', 9, 0.2), cluster('b', 2, -0.5), cluster('c', 9, -0.05)] }])
    const bound = { size: 'for_sale', color: 'estimate_gap', metric: 'estimate_gap' } as const
    const bubbles = bubblesOf(areas, bound, scaleOf(areas, bound, shades), shades.none, 'USD')
    expect(bubbles.map(({ fill, words }) => [fill, words])).toEqual([['e', '+20%'], ['none', ''], ['b', '\u22125%']])
  })
})

it('values are written as what they are', () => {
  expect(write('asking_price', 612_000.4, 'USD')).toBe('$612,000')
  expect(writeShort('asking_price', 612_000, 'USD')).toBe('$612K')
  expect(write('estimate_gap', -0.021, 'USD')).toBe('\u22122.1%')
  expect(write('asking_spread', 0.38, 'USD')).toBe('38%')
})
