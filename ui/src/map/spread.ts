// Moves bubbles that would cover each other a little apart, so that each can be told and hit. A bubble stands for an area and not
// for a point: some pixels more or less say nothing else.

interface Placed {
  longitude: number
  latitude: number
}

// Pixels: kept free between two bubbles, and the furthest that one goes from its place.
const [GAP, FURTHEST] = [1, 14] as const
const ROUNDS = 12
// Pixels of the whole world at zoom 0.
const WORLD = 512

/** What something covers: a circle of so many pixels around its place, or above it. */
export interface Body {
  radius: number
  above?: number
  /** It does not move; the others make room. */
  fixed?: boolean
}

interface Disc {
  at: number
  radius: number
  fixed: boolean
  x: number
  y: number
  home: readonly [number, number]
}

/** The same in the same order, those that were moved as new objects. Pixels are those of the zoom. */
export function spread<T extends Placed>(items: readonly T[], bodyOf: (item: T) => Body, zoom: number): readonly T[] {
  const scale = (WORLD * 2 ** zoom) / 360
  const discs = items.map((item, at): Disc => {
    const { radius, above = 0, fixed = false } = bodyOf(item)
    const [x, y] = [item.longitude * scale, mercator(item.latitude) * scale + above]
    return { at, radius, fixed, x, y, home: [x, y] }
  })
  for (let round = 0; round < ROUNDS && pushed(discs); round += 1);
  const moved = new Map(discs.filter(({ x, y, home }) => x !== home[0] || y !== home[1]).map((disc) => [disc.at, disc]))
  if (moved.size === 0) return items
  return items.map((item, at) => {
    const disc = moved.get(at)
    return disc === undefined ? item : { ...item, longitude: disc.x / scale, latitude: latitudeOf((mercator(item.latitude) * scale + disc.y - disc.home[1]) / scale) }
  })
}

/** Pushes each pair that overlaps apart once; false when there was none. */
function pushed(discs: Disc[]): boolean {
  const byX = [...discs].sort((a, b) => a.x - b.x || a.at - b.at)
  const widest = Math.max(0, ...discs.map(({ radius }) => radius))
  let any = false
  byX.forEach((one, index) => {
    for (let next = index + 1; next < byX.length; next += 1) {
      const other = byX[next]
      if (other === undefined || other.x - one.x > 2 * (widest + FURTHEST)) break
      const [dx, dy] = [other.x - one.x, other.y - one.y]
      const far = Math.hypot(dx, dy)
      const over = one.radius + other.radius + GAP - far
      if (over <= 0.01 || (one.fixed && other.fixed)) continue
      any = true
      // Two at the same place part to the east and west.
      const [ux, uy] = far === 0 ? [1, 0] : [dx / far, dy / far]
      // Half of it each, or all of it where the other stays.
      const [back, forth] = one.fixed ? [0, over] : other.fixed ? [over, 0] : [over / 2, over / 2]
      move(one, -ux * back, -uy * back)
      move(other, ux * forth, uy * forth)
    }
  })
  return any
}

function move(disc: Disc, dx: number, dy: number): void {
  const [homeX, homeY] = disc.home
  const [x, y] = [disc.x + dx - homeX, disc.y + dy - homeY]
  const far = Math.hypot(x, y)
  const share = far > FURTHEST ? FURTHEST / far : 1
  disc.x = homeX + x * share
  disc.y = homeY + y * share
}

/** Degrees of the map's own scale, the same in both directions. */
function mercator(latitude: number): number {
  return (Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) * 180) / Math.PI
}

function latitudeOf(y: number): number {
  return (Math.atan(Math.exp((y * Math.PI) / 180)) * 360) / Math.PI - 90
}
