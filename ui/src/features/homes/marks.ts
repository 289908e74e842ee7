// Homes that the reader likes or does not want to see again: the server keeps them, each person's own.
import { queryOptions, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback, useMemo } from 'react'
import { api, take, type Schema } from '~/api/client'
import { key } from '~/api/keys'
import { refused } from '~/components/Refusal'
import { toast } from '~/state/toasts'

type MarksOut = Schema<'MarksOut'>
export type Mark = Schema<'MarkOut'>['mark']

export interface Marks {
  favourites: ReadonlySet<string>
  hidden: ReadonlySet<string>
}

/** The mark of one home. */
export function markIn({ favourites, hidden }: Marks, id: string): Mark | null {
  return favourites.has(id) ? 'favourite' : hidden.has(id) ? 'hidden' : null
}

/** Changes the mark of a home; `name` is how messages call it. */
export type Marking = (id: string, mark: Mark | null, name: string) => void

export const marksQuery = queryOptions({
  queryKey: key('homes', 'marks'),
  queryFn: ({ signal }) => take(api.GET('/api/v1/listings/marks', { signal })),
})

/** What is marked; nothing as long as it is not known. */
export function useMarks(): Marks {
  const { data } = useQuery(marksQuery)
  return useMemo(() => {
    const of = (mark: Mark) => new Set((data?.items ?? []).flatMap((one) => (one.mark === mark ? [one.listing_id] : [])))
    return { favourites: of('favourite'), hidden: of('hidden') }
  }, [data])
}

/**
 * Marks at once and takes it back when the server refuses. What was hidden or shown again can be undone; so can what goes out of
 * sight where `alone` is the mark of all that is shown.
 */
export function useMarking(alone?: Mark): Marking {
  const client = useQueryClient()
  return useCallback((id, mark, name) => {
    const before = markOf(client, id)
    const set = (to: Mark | null) => {
      setMark(client, id, to).catch((error: unknown) => toast(refused(error, 'The mark'), { look: 'error' }))
    }
    const undo = () => set(before)
    set(mark)
    if (mark === 'hidden') toast(`${name} is hidden`, { undo })
    else if (before === 'hidden') toast(`${name} is shown again`, { undo })
    else if (before === 'favourite' && alone === before) toast(`${name} is no favourite any more`, { undo })
  }, [client, alone])
}

export function markOf(client: QueryClient, id: string): Mark | null {
  return client.getQueryData(marksQuery.queryKey)?.items.find(({ listing_id: listing }) => listing === id)?.mark ?? null
}

/** One home has at most one mark: a new one takes the place of the old one. */
export async function setMark(client: QueryClient, id: string, mark: Mark | null): Promise<void> {
  const before = markOf(client, id)
  const isKnown = client.getQueryData(marksQuery.queryKey) !== undefined
  // An answer on its way would show the mark as it was.
  await client.cancelQueries({ queryKey: marksQuery.queryKey })
  show(client, id, mark)
  try {
    const params = { path: { id } }
    await (mark === null ? take(api.DELETE('/api/v1/listings/{id}/mark', { params })) : take(api.PUT('/api/v1/listings/{id}/mark', { params, body: { mark } })))
  } catch (error) {
    show(client, id, before)
    throw error
  } finally {
    // The answer that was cut off has the other marks.
    if (!isKnown) void client.invalidateQueries({ queryKey: marksQuery.queryKey })
  }
}

function show(client: QueryClient, id: string, mark: Mark | null): void {
  client.setQueryData(marksQuery.queryKey, (data: MarksOut | undefined) => {
    const others = (data?.items ?? []).filter(({ listing_id: listing }) => listing !== id)
    return { ...data, items: mark === null ? others : [{ listing_id: id, mark, at: new Date().toISOString() }, ...others] }
  })
}
