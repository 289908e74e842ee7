// One home, as the server tells it. The first file holds this: the page of a home is asked for before it is there.
import { queryOptions } from '@tanstack/react-query'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'

export type Home = Schema<'ListingOut'>

export function homeQuery(id: string) {
  return queryOptions({
    queryKey: key('homes', id),
    queryFn: ({ signal }) => take(api.GET('/api/v1/listings/{id}', { params: { path: { id } }, signal })),
  })
}
