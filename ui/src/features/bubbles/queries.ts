// What the bubble map asks the server.
import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import type { Box } from '~/map/geometry'
import type { Answer, Question } from './areas'
import type { Group } from './metrics'

export interface View {
  bbox: Box
  zoom: number
}

const statuses: Record<Group, Schema<'ListingStatus'>[]> = { for_sale: ['active'], sold: ['closed'] }
export const counted = [...statuses.for_sale, ...statuses.sold]

/** One value of every area in a view. */
export function areasQuery(market: string, { group, asked }: Question, view: View) {
  return queryOptions({
    queryKey: key('markets', market, 'areas', { group, asked, ...view }),
    queryFn: async ({ signal }): Promise<Answer> => {
      const body = { market, filters: { status: statuses[group] }, zoom: view.zoom, bbox: [...view.bbox], metric: asked }
      const { features } = await take(api.POST('/api/v1/listings/clusters', { body, signal }))
      return { group, asked, features }
    },
  })
}
