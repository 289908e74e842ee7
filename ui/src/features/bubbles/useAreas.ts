// The areas of a market as they are to be drawn and listed.
import { keepPreviousData, useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import { join, questionsFor, type Area } from './areas'
import { areasQuery, type View } from './queries'
import type { Bound } from './url'

const NOWHERE: View = { bbox: [0, 0, 0, 0], zoom: 0 }

export interface Areas {
  areas: readonly Area[]
  pending: boolean
  /** What kept a part of it from coming. */
  error: Error | null
  retry: () => void
}

/** What is bound of every area in the view; the old areas stay until the new ones are there. */
export function useAreas(market: string, { size, color, metric }: Bound, view: View | null): Areas {
  const questions = useMemo(() => questionsFor([size, color, metric]), [size, color, metric])
  return useQueries({
    queries: questions.map((question) => ({ ...areasQuery(market, question, view ?? NOWHERE), enabled: view !== null, placeholderData: keepPreviousData })),
    combine: (results) => ({
      areas: join(results.flatMap(({ data }) => data ?? [])),
      pending: results.every(({ isPending }) => isPending),
      error: results.find(({ error }) => error !== null)?.error ?? null,
      retry: () => results.forEach((one) => void one.refetch()),
    }),
  })
}
