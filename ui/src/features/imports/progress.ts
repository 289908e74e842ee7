// How far running imports are: the stream tells it about once a second, so that nobody has to ask.
import { useQueryClient, type InfiniteData, type QueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { Schema } from '~/api/client'
import { onEvent } from '~/api/stream'
import type { LiveEvent } from '~/api/topics'
import { createStore, useStore } from '~/state/store'
import { importQuery, importsQuery, isGoing, type Import } from './queries'

/** What one event says. */
export interface Told {
  id: string
  counts: Schema<'CountsOut'>
  /** Bytes of the file that were read. */
  bytes: number
  /** Bytes of the file, when they are known. */
  total: number | null
}

interface Mark {
  /** Milliseconds of the page's clock. */
  at: number
  bytes: number
}

/** How far one import is, and since when it is watched. */
export interface Course {
  first: Mark
  last: Mark
  total: number | null
}

const courses = createStore<ReadonlyMap<string, Course>>(new Map())

/** What an event says of an import on its way; null when it is about something else. */
export function toldBy({ type, id, counts, bytes, total_bytes: total }: LiveEvent): Told | null {
  if (type !== 'import.progress' || id === undefined || typeof bytes !== 'number') return null
  return { id, counts: counts as Told['counts'], bytes, total: typeof total === 'number' ? total : null }
}

/** The import with what is told of it; one that has ended, or is further already, stays as it is. */
export function advanced(of: Import, { id, counts }: Told): Import {
  if (of.id !== id || !isGoing(of) || counts.rows < of.counts.rows) return of
  return { ...of, state: 'running', counts }
}

/** The share that was read, 0 to 1; null when nobody knows. */
export function shareOf(course: Course | undefined): number | null {
  if (course?.total == null || course.total === 0) return null
  return Math.min(1, course.last.bytes / course.total)
}

// Before that the pace says nothing.
const LEAST = 2_000

/** Milliseconds that are left at the pace since it is watched; null while the pace says nothing. */
export function leftOf({ first, last, total }: Course): number | null {
  const [passed, read] = [last.at - first.at, last.bytes - first.bytes]
  if (total === null || passed < LEAST || read <= 0) return null
  return (Math.max(0, total - last.bytes) / read) * passed
}

/** Puts what the stream tells of imports into what is shown, as long as the page is there. */
export function useImportProgress(): void {
  const client = useQueryClient()
  useEffect(() => {
    return onEvent((event) => {
      const told = toldBy(event)
      if (told !== null) take(client, told)
    })
  }, [client])
}

/** How far an import is; nothing before the stream has told of it. */
export function useCourse(id: string): Course | undefined {
  return useStore(courses).get(id)
}

function take(client: QueryClient, told: Told): void {
  const mark = { at: performance.now(), bytes: told.bytes }
  courses.set((all) => new Map(all).set(told.id, { first: all.get(told.id)?.first ?? mark, last: mark, total: told.total }))
  client.setQueryData(importQuery(told.id).queryKey, (of: Import | undefined) => (of === undefined ? undefined : advanced(of, told)))
  client.setQueryData(importsQuery.queryKey, (data: InfiniteData<Schema<'Page_ImportOut'>> | undefined) => {
    if (data === undefined) return undefined
    return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map((of) => advanced(of, told)) })) }
  })
}
