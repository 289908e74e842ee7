// The description of the API, as the server has it.
import { queryOptions } from '@tanstack/react-query'
import { key } from '~/api/keys'
import { ApiError, Unreachable } from '~/api/errors'
import { read, type Document } from './spec'

const ADDRESS = '/api-docs/openapi.json'

export const referenceQuery = queryOptions({
  queryKey: key('reference'),
  queryFn: async ({ signal }) => {
    const response = await fetch(ADDRESS, { signal, credentials: 'same-origin' }).catch((error: unknown) => {
      throw new Unreachable(error)
    })
    if (!response.ok) throw new ApiError(response.status, {})
    return read((await response.json()) as Document)
  },
  // It changes only with the program.
  staleTime: Infinity,
})
