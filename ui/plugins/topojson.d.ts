// The little that the base map uses of topojson-client, which brings no types.
declare module 'topojson-client' {
  import type { FeatureCollection, MultiLineString, MultiPolygon, Polygon } from 'geojson'

  export interface Topology {
    objects: Record<string, { geometries: unknown[] }>
  }
  /** One feature for each geometry of an object. */
  export function feature(topology: Topology, object: unknown): FeatureCollection<Polygon | MultiPolygon, { name?: string }>
  /** The borders of an object, each once; those that the filter lets through. */
  export function mesh(topology: Topology, object: unknown, filter?: (a: unknown, b: unknown) => boolean): MultiLineString
}
