// Price pills: one stretchable picture for each state, drawn on a canvas in the colours of the theme.
import type { Map as MapLibre, StyleImageMetadata } from 'maplibre-gl'
import { colourOf } from '~/components/colours'

/** How a pill looks; its words say it too. A favourite has a heart, whatever it looks like otherwise. */
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

/** What stands before the words of a pill. */
const glyphs = { heart, tick } as const
type Glyph = keyof typeof glyphs

/** The name of the picture. */
export function pillName(look: Look, favourite: boolean): string {
  return `pill-${look}${favourite ? '-heart' : ''}`
}

// In pixels of the page; the canvas has twice as many.
const RATIO = 2
const [WIDTH, HEIGHT, TIP, RADIUS] = [36, 22, 5, 4] as const
// The room that a glyph takes.
const GLYPH = 13

/** The colour of the words on a pill. */
export function textColour(look: Look): string {
  return colourOf(colours[look][2])
}

/** Radii of bubbles in pixels, and from which count on. */
export const bubbles = [{ from: 2, radius: 18 }, { from: 10, radius: 20 }, { from: 100, radius: 22 }, { from: 1000, radius: 26 }] as const

/** The radius of a bubble of so many. */
export function bubbleRadius(count: number): number {
  return bubbles.findLast(({ from }) => count >= from)?.radius ?? bubbles[0].radius
}

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
    for (const favourite of [false, true]) {
      const before: Glyph[] = [...(look === 'picked' ? ['tick' as const] : []), ...(favourite ? ['heart' as const] : [])]
      const start = before.length * GLYPH
      const at = (...places: number[]) => places.map((place) => (start + place) * RATIO)
      put(map, pillName(look, favourite), draw(look, before), {
        // Glyphs and tip keep their width: what is at the left and right of the tip stretches.
        stretchX: [at(6, 10) as [number, number], at(26, 30) as [number, number]],
        // Above and below the glyphs, which would be squeezed.
        stretchY: [[3 * RATIO, 5 * RATIO], [17 * RATIO, 19 * RATIO]],
        content: [(start + 5) * RATIO, 2 * RATIO, (start + WIDTH - 5) * RATIO, (HEIGHT - 2) * RATIO],
      })
    }
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

function draw(look: Look, before: readonly Glyph[]): ImageData {
  const [fill, line, text] = colours[look].map(colourOf) as [string, string, string]
  const start = before.length * GLYPH
  const [pen, width] = canvas(start + WIDTH, HEIGHT + TIP)
  const [left, top, right, bottom, tip] = [0.5, 0.5, width - 0.5, HEIGHT - 0.5, start + WIDTH / 2]
  pen.moveTo(left + RADIUS, top)
  pen.arcTo(right, top, right, bottom, RADIUS)
  pen.arcTo(right, bottom, tip, bottom, RADIUS)
  pen.lineTo(tip + TIP, bottom)
  pen.lineTo(tip, bottom + TIP)
  pen.lineTo(tip - TIP, bottom)
  pen.arcTo(left, bottom, left, top, RADIUS)
  pen.arcTo(left, top, right, top, RADIUS)
  finish(pen, fill, line, 1)
  const warm = look === 'hover' || look === 'selected' ? text : colourOf('hot')
  before.forEach((glyph, index) => glyphs[glyph](pen, 11 + index * GLYPH, HEIGHT / 2, glyph === 'heart' ? warm : text))
  return pen.getImageData(0, 0, pen.canvas.width, pen.canvas.height)
}

type Pen = CanvasRenderingContext2D

/** A full heart of 10 pixels around a point. */
function heart(pen: Pen, x: number, y: number, colour: string): void {
  pen.beginPath()
  pen.moveTo(x, y + 4.5)
  pen.bezierCurveTo(x - 7.5, y - 0.5, x - 4, y - 6.5, x, y - 2.5)
  pen.bezierCurveTo(x + 4, y - 6.5, x + 7.5, y - 0.5, x, y + 4.5)
  pen.fillStyle = colour
  pen.fill()
}

function tick(pen: Pen, x: number, y: number, colour: string): void {
  pen.beginPath()
  pen.moveTo(x - 4, y)
  pen.lineTo(x - 1, y + 3)
  pen.lineTo(x + 4, y - 3.5)
  pen.strokeStyle = colour
  pen.lineWidth = 1.75
  pen.stroke()
}
