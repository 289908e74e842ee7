// Boxes, rings and viewports of the map: pure, without the map library.

/** Degrees: longitude, latitude. */
export type LngLat = readonly [number, number]

/** A closed shape without its last point, which would repeat the first. */
export type Ring = readonly LngLat[]

/** West, south, east, north in degrees. */
export type Box = readonly [number, number, number, number]

const EARTH = 6_371_008.8
const METRES_PER_MILE = 1609.344
/** As far as the flat map goes to north and south. */
const MOST_LATITUDE = 85.051129
const CLUSTER_PIXELS_LOG2 = 3
/** Pixels of the whole world at zoom 0. */
const TILE = 512

export function miles(metres: number): number {
  return metres / METRES_PER_MILE
}

export function metres(miles: number): number {
  return miles * METRES_PER_MILE
}

/** The box as a ring. */
export function ringOf([west, south, east, north]: Box): Ring {
  return [[west, south], [east, south], [east, north], [west, north]]
}

/** The least box around points. */
export function boxOf(points: readonly LngLat[]): Box {
  const [lons, lats] = [points.map(([lon]) => lon), points.map(([, lat]) => lat)]
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)]
}

export function isInside([lon, lat]: LngLat, [west, south, east, north]: Box): boolean {
  return lon >= west && lon <= east && lat >= south && lat <= north
}

/** Whether two boxes are the same up to a fiftieth of their size. */
export function isNearly(a: Box, b: Box): boolean {
  const near = (one: number, other: number, size: number) => Math.abs(one - other) <= size / 50
  const [width, height] = [a[2] - a[0], a[3] - a[1]]
  return near(a[0], b[0], width) && near(a[2], b[2], width) && near(a[1], b[1], height) && near(a[3], b[3], height)
}

/** Where two boxes are both; null where they do not meet. */
export function overlap(a: Box, b: Box): Box | null {
  const box: Box = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])]
  return box[0] < box[2] && box[1] < box[3] ? box : null
}

/** The part of a ring that lies in a box (Sutherland and Hodgman); empty where they do not meet. */
export function clip(ring: Ring, [west, south, east, north]: Box): Ring {
  const edges: { inside: (point: LngLat) => boolean; cut: (a: LngLat, b: LngLat) => LngLat }[] = [
    { inside: ([lon]) => lon >= west, cut: (a, b) => atLongitude(a, b, west) },
    { inside: ([lon]) => lon <= east, cut: (a, b) => atLongitude(a, b, east) },
    { inside: ([, lat]) => lat >= south, cut: (a, b) => atLatitude(a, b, south) },
    { inside: ([, lat]) => lat <= north, cut: (a, b) => atLatitude(a, b, north) },
  ]
  let points: LngLat[] = [...ring]
  for (const { inside, cut } of edges) {
    const kept: LngLat[] = []
    points.forEach((point, index) => {
      const before = points.at(index - 1) ?? point
      if (inside(point) !== inside(before)) kept.push(cut(before, point))
      if (inside(point)) kept.push(point)
    })
    points = kept
  }
  return points.length < 3 ? [] : points
}

function atLongitude(a: LngLat, b: LngLat, lon: number): LngLat {
  return [lon, a[1] + ((b[1] - a[1]) * (lon - a[0])) / (b[0] - a[0])]
}

function atLatitude(a: LngLat, b: LngLat, lat: number): LngLat {
  return [a[0] + ((b[0] - a[0]) * (lat - a[1])) / (b[1] - a[1]), lat]
}

/** A circle on the ground as a ring of 48 points. */
export function circle([lon, lat]: LngLat, radius: number, points = 48): Ring {
  const angle = radius / EARTH
  const phi = radians(lat)
  return Array.from({ length: points }, (_, index): LngLat => {
    const bearing = (2 * Math.PI * index) / points
    const north = Math.asin(Math.sin(phi) * Math.cos(angle) + Math.cos(phi) * Math.sin(angle) * Math.cos(bearing))
    const east = Math.atan2(Math.sin(bearing) * Math.sin(angle) * Math.cos(phi), Math.cos(angle) - Math.sin(phi) * Math.sin(north))
    return [lon + degrees(east), degrees(north)]
  })
}

/** How far two points are apart on the ground, in metres (haversine). */
export function metresBetween([fromLon, fromLat]: LngLat, [toLon, toLat]: LngLat): number {
  const [a, b] = [radians(fromLat), radians(toLat)]
  const half = Math.sin((b - a) / 2) ** 2 + Math.cos(a) * Math.cos(b) * Math.sin(radians(toLon - fromLon) / 2) ** 2
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)))
}

/** The size of a ring on the ground, in square metres. */
export function areaOf(ring: Ring): number {
  const middle = radians(ring.reduce((sum, [, lat]) => sum + lat, 0) / ring.length)
  let twice = 0
  ring.forEach(([lon, lat], index) => {
    const [nextLon, nextLat] = ring[(index + 1) % ring.length] ?? [lon, lat]
    twice += radians(lon) * radians(nextLat) - radians(nextLon) * radians(lat)
  })
  return (Math.abs(twice) / 2) * Math.cos(middle) * EARTH ** 2
}

/** A point in the middle of a ring's corners. */
export function middleOf(ring: Ring): LngLat {
  return [ring.reduce((sum, [lon]) => sum + lon, 0) / ring.length, ring.reduce((sum, [, lat]) => sum + lat, 0) / ring.length]
}

/**
 * The viewport to ask clusters for: whole cells of the server's grid with one more on each side. A cell at the edge of the screen
 * is then complete, so that its bubble does not move while the map does, and small moves ask nothing new.
 */
export function snapped([west, south, east, north]: Box, zoom: number): { bbox: Box; zoom: number } {
  const whole = Math.max(0, Math.min(22, Math.floor(zoom)))
  const cells = 2 ** (whole + CLUSTER_PIXELS_LOG2)
  const x = (lon: number) => ((lon + 180) / 360) * cells
  const y = (lat: number) => mercator(Math.max(-MOST_LATITUDE, Math.min(MOST_LATITUDE, lat))) * cells
  const lon = (cell: number) => Math.max(-180, Math.min(180, (cell / cells) * 360 - 180))
  const lat = (cell: number) => latitude(Math.max(0, Math.min(1, cell / cells)))
  const bbox: Box = [lon(Math.floor(x(west)) - 1), lat(Math.ceil(y(south)) + 1), lon(Math.ceil(x(east)) + 1), lat(Math.floor(y(north)) - 1)]
  return { bbox, zoom: whole }
}

/** 0 at the northern end of the flat map, 1 at the southern. */
function mercator(lat: number): number {
  return (1 - Math.log(Math.tan(Math.PI / 4 + radians(lat) / 2)) / Math.PI) / 2
}

function latitude(y: number): number {
  return degrees(2 * Math.atan(Math.exp(Math.PI * (1 - 2 * y))) - Math.PI / 2)
}

function radians(angle: number): number {
  return (angle * Math.PI) / 180
}

function degrees(angle: number): number {
  return (angle * 180) / Math.PI
}

/** A box from an address, `west,south,east,north`; null when it is none. */
export function readBox(written: string): Box | null {
  const [west = NaN, south = NaN, east = NaN, north = NaN, ...more] = written.split(',').map(Number)
  const fits = more.length === 0 && west < east && south < north && Math.abs(west) <= 180 && Math.abs(east) <= 180 && south >= -90 && north <= 90
  return fits ? [west, south, east, north] : null
}

/** The zoom at which a box of degrees fills so many pixels. */
export function zoomFor([west, south, east, north]: Box, width: number, height: number): number {
  const across = ((east - west) / 360) * TILE
  const down = (mercator(south) - mercator(north)) * TILE
  return Math.max(0, Math.min(22, Math.log2(Math.min(width / across, height / down))))
}

/** Rings for an address: `lon,lat,lon,lat*lon,lat…` with five digits, about a metre. */
export function writeRings(rings: readonly Ring[]): string {
  return rings.map((ring) => ring.map((point) => point.map((angle) => Number(angle.toFixed(5))).join(',')).join(',')).join('*')
}

/** The reverse; a ring that is none is left out. */
export function readRings(text: string): Ring[] {
  return text.split('*').flatMap((part) => {
    const angles = part.split(',').map(Number)
    const points: LngLat[] = []
    for (let i = 0; i + 1 < angles.length; i += 2) points.push([angles[i] ?? NaN, angles[i + 1] ?? NaN])
    const isOnEarth = ([lon, lat]: LngLat) => Math.abs(lon) <= 180 && Math.abs(lat) <= 90
    return points.length >= 3 && points.every(isOnEarth) ? [points] : []
  })
}
