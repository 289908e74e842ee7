// Areas of a market: the cells of the server's grid, each with what was asked about it.
import type { Schema } from '~/api/client'
import { decimal } from '~/format/numbers'
import { metresBetween, miles, type Box, type LngLat } from '~/map/geometry'
import { metricIds, metricOf, type Group, type MetricId } from './metrics'

type Cluster = Schema<'ClusterOut'>

/** A question for one value of the homes of one group. */
export interface Question {
  group: Group
  asked: Schema<'ClusterMetric'>
}

export interface Answer extends Question {
  features: readonly Cluster[]
}

export interface Area {
  /** The same wherever the map is, at one zoom. */
  id: string
  longitude: number
  latitude: number
  bbox: Box
  /** Homes of each group that was asked about. */
  homes: Partial<Record<Group, number>>
  values: Partial<Record<MetricId, number>>
}

/** Of fewer homes no price is told: it would be that of one home or two. */
export const LEAST = 5

/** The fewest questions that give the metrics: whatever is asked of a group counts its homes, too. */
export function questionsFor(ids: readonly MetricId[]): Question[] {
  const found = new Map<string, Question>()
  const add = ({ group, asked }: Question) => found.set(`${group} ${asked}`, { group, asked })
  const [counts, others] = [ids.filter((id) => metricOf(id).asked === 'count'), ids.filter((id) => metricOf(id).asked !== 'count')]
  for (const id of others) add(metricOf(id))
  for (const id of counts) if (![...found.values()].some(({ group }) => group === metricOf(id).group)) add(metricOf(id))
  return [...found.values()]
}

/** Puts together what was answered about the same cell. It stands where most of its homes are. */
export function join(answers: readonly Answer[]): Area[] {
  const areas = new Map<string, Area>()
  const most = new Map<string, number>()
  for (const { group, asked, features } of answers) {
    for (const cluster of features) {
      const { id, longitude, latitude, bbox, count: n } = cluster
      const area = areas.get(id) ?? { id, longitude, latitude, bbox: bbox as unknown as Box, homes: {}, values: {} }
      if (n > (most.get(id) ?? 0)) {
        Object.assign(area, { longitude, latitude })
        most.set(id, n)
      }
      area.homes[group] = n
      for (const metric of metricIds) {
        const known = valueIn(cluster, metric, group, asked)
        if (known !== null) area.values[metric] = known
      }
      areas.set(id, area)
    }
  }
  return [...areas.values()]
}

function valueIn(cluster: Cluster, id: MetricId, group: Group, asked: Question['asked']): number | null {
  const metric = metricOf(id)
  if (metric.group !== group) return null
  if (metric.asked === 'count') return cluster.count
  return metric.asked === asked && cluster.count >= LEAST ? metric.of(cluster) : null
}

/** How many homes a value of an area is of. */
export function homesOf(area: Area, id: MetricId): number {
  return area.homes[metricOf(id).group] ?? 0
}

const WINDS = ['east', 'north-east', 'north', 'north-west', 'west', 'south-west', 'south', 'south-east'] as const
// Nearer than this many miles it is the middle.
const MIDDLE = 0.35

/** Where an area is, seen from the middle of the market: `2.1 mi north-east of the middle`. */
export function whereabouts({ longitude, latitude }: Pick<Area, 'longitude' | 'latitude'>, middle: LngLat): string {
  const away = miles(metresBetween([longitude, latitude], middle))
  if (away < MIDDLE) return 'In the middle'
  const east = (longitude - middle[0]) * Math.cos((middle[1] * Math.PI) / 180)
  const turn = Math.round(Math.atan2(latitude - middle[1], east) / (Math.PI / 4))
  return `${decimal(away, away < 10 ? 1 : 0)} mi ${WINDS[(turn + 8) % 8] ?? 'east'} of the middle`
}
