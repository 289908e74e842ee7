// Price pills: one stretchable picture for each state, drawn on a canvas in the colours of the theme.
import type { Map as MapLibre, StyleImageMetadata } from 'maplibre-gl'
import { colourOf } from '~/components/colours'

/** How a pill looks; its words say it too. */
export const looks = ['plain', 'viewed', 'picked', 'gone', 'hover', 'selected'] as const
export type Look = (typeof looks)[number]

const colours: Record<Look, readonly [fill: string, line: string, text: string]> = {
  plain: ['panel', 'edge', 'ink'],
  viewed: ['sunk', 'edge', 'ink-2'],
  picked: ['accent-bg', 'accent', 'accent'],
  gone: ['page', 'line', 'ink-3'],
  hover: ['ink', 'ink', 'page'],
  selected: ['accent', 'accent', 'on-accent'],
}

// In pixels of the page; the canvas has twice as many.
const RATIO = 2
const [WIDTH, HEIGHT, TIP, RADIUS] = [36, 22, 5, 4] as const

/** The colour of the words on a pill. */
export function textColour(look: Look): string {
  return colourOf(colours[look][2])
}

/** Radii of bubbles in pixels, and from which count on. */
export const bubbles = [{ from: 2, radius: 18 }, { from: 10, radius: 20 }, { from: 100, radius: 22 }, { from: 1000, radius: 26 }] as const

/** Puts pictures of bubbles into the map: as pictures they and their words cover each other as a whole. */
export function addBubbles(map: MapLibre, fill: string, line: string): void {
  for (const { radius } of bubbles) {
    const [pen, side] = canvas(2 * radius + 2, 2 * radius + 2)
    pen.arc(side / 2, side / 2, radius - 0.25, 0, 2 * Math.PI)
    put(map, `bubble-${radius}`, finish(pen, fill, line, 1.5), {})
  }
}

/** Puts the pictures into the map, or new ones in their place after a change of theme. */
export function addPills(map: MapLibre): void {
  for (const look of looks) {
    const at = (...places: number[]) => places.map((place) => place * RATIO)
    put(map, `pill-${look}`, draw(colourOf(colours[look][0]), colourOf(colours[look][1])), {
      // The tip keeps its width: what is at its left and right stretches.
      stretchX: [at(6, 10) as [number, number], at(26, 30) as [number, number]],
      stretchY: [at(8, 14) as [number, number]],
      content: at(5, 2, WIDTH - 5, HEIGHT - 2) as [number, number, number, number],
    })
  }
}

type Stretch = Pick<StyleImageMetadata, 'stretchX' | 'stretchY' | 'content'>

function put(map: MapLibre, name: string, picture: ImageData, stretch: Partial<Stretch>): void {
  if (map.hasImage(name)) map.removeImage(name)
  map.addImage(name, picture, { pixelRatio: RATIO, ...stretch })
}

function canvas(width: number, height: number): [CanvasRenderingContext2D, number] {
  const element = document.createElement('canvas')
  element.width = width * RATIO
  element.height = height * RATIO
  const pen = element.getContext('2d')
  if (pen === null) throw new Error('this browser has no canvas')
  pen.scale(RATIO, RATIO)
  pen.beginPath()
  return [pen, width]
}

function finish(pen: CanvasRenderingContext2D, fill: string, line: string, width: number): ImageData {
  pen.closePath()
  pen.fillStyle = fill
  pen.fill()
  pen.strokeStyle = line
  pen.lineWidth = width
  pen.stroke()
  return pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height)
}

function draw(fill: string, line: string): ImageData {
  const [pen] = canvas(WIDTH, HEIGHT + TIP)
  const [left, top, right, bottom, middle] = [0.5, 0.5, WIDTH - 0.5, HEIGHT - 0.5, WIDTH / 2]
  pen.moveTo(left + RADIUS, top)
  pen.arcTo(right, top, right, bottom, RADIUS)
  pen.arcTo(right, bottom, middle, bottom, RADIUS)
  pen.lineTo(middle + TIP, bottom)
  pen.lineTo(middle, bottom + TIP)
  pen.lineTo(middle - TIP, bottom)
  pen.arcTo(left, bottom, left, top, RADIUS)
  pen.arcTo(left, top, right, top, RADIUS)
  return finish(pen, fill, line, 1)
}
