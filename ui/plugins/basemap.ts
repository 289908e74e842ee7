// A Vite plugin that writes the base map: land, state and county lines and names, from the outlines of the US Census (us-atlas),
// as GeoJSON that the map's worker reads as it is. Turning TopoJSON into shapes in the browser would hold up the page.
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Feature, MultiPolygon, Point, Polygon, Position } from 'geojson'
import { feature, mesh, type Topology } from 'topojson-client'
import type { Plugin } from 'vite'

// The outlines are known to about 100 m; more digits would say nothing.
const DIGITS = 3

export function basemap(): Plugin {
  return {
    name: 'lintel:basemap',
    async configResolved({ root }) {
      const folder = join(root, 'src/map/generated')
      await mkdir(folder, { recursive: true })
      const shapes = await convert()
      await Promise.all(Object.entries(shapes).map(([name, shape]) => writeFile(join(folder, `${name}.json`), written(shape))))
    },
  }
}

async function convert(): Promise<Record<string, object>> {
  const path = createRequire(import.meta.url).resolve('us-atlas/counties-10m.json')
  const atlas = JSON.parse(await readFile(path, 'utf8')) as Topology
  const { nation, states, counties } = atlas.objects
  const inner = (a: unknown, b: unknown) => a !== b
  const names = (object: unknown, kind: string) => feature(atlas, object).features.map((one) => nameOf(one, kind))
  return {
    land: feature(atlas, nation),
    states: mesh(atlas, states, inner),
    counties: mesh(atlas, counties, inner),
    names: { type: 'FeatureCollection', features: [...names(states, 'state'), ...names(counties, 'county')] },
  }
}

function written(shape: object): string {
  return JSON.stringify(shape, (_, value: unknown) => (typeof value === 'number' ? Number(value.toFixed(DIGITS)) : value))
}

/** The name of an area where it has most room: in the middle of its largest part. */
function nameOf({ geometry, properties }: Feature<Polygon | MultiPolygon, { name?: string }>, kind: string): Feature<Point> {
  const parts = geometry.type === 'Polygon' ? [geometry.coordinates] : geometry.coordinates
  const middles = parts.map((rings) => middle(rings[0] ?? []))
  const largest = middles.reduce((best, one) => (one.area > best.area ? one : best))
  return { type: 'Feature', geometry: { type: 'Point', coordinates: largest.at }, properties: { name: properties.name, kind, size: Math.round(largest.area * 1000) } }
}

/** The centroid of a ring and its area in square degrees (shoelace formula). */
function middle(ring: Position[]): { at: Position; area: number } {
  let [area, x, y] = [0, 0, 0]
  for (let i = 0; i + 1 < ring.length; i += 1) {
    const [ax = 0, ay = 0] = ring[i] ?? []
    const [bx = 0, by = 0] = ring[i + 1] ?? []
    const cross = ax * by - bx * ay
    area += cross / 2
    x += (ax + bx) * cross
    y += (ay + by) * cross
  }
  return area === 0 ? { at: ring[0] ?? [0, 0], area: 0 } : { at: [x / (6 * area), y / (6 * area)], area: Math.abs(area) }
}
