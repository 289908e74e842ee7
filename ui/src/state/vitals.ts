// How pages feel to those who use them: web vitals as the browser measures them, told to the server when the page is left.
import { onCLS, onINP, onLCP } from 'web-vitals'
import type { Schema } from '~/api/client'

export type Vital = Schema<'VitalIn'>

/** What the library says of a figure. */
export interface Measured {
  name: string
  value: number
  /** One for each figure of each view. */
  id: string
  /** The address that was opened, with its origin. */
  navigationURL?: string
}

const ADDRESS = '/api/v1/performance/vitals'
// The server takes so many at once, and nothing beyond these bounds.
const MOST = 10
const LONGEST = 600_000
const MOST_SHIFT = 100

const names: Partial<Record<string, Vital['metric']>> = { LCP: 'lcp', INP: 'inp', CLS: 'cls' }

/** The figure as the server takes it; null of a page that has no name, and of figures that nobody asks for. */
export function told({ name, value, navigationURL }: Measured, pageOf: (path: string) => string | null): Vital | null {
  const metric = names[name]
  const page = navigationURL === undefined ? null : pageOf(new URL(navigationURL).pathname)
  if (metric === undefined || page === null) return null
  return { page, metric, value: Math.min(value, metric === 'cls' ? MOST_SHIFT : LONGEST) }
}

/**
 * Measures this visit until it ends; to be called once. `pageOf` names the page of a path by its pattern. A figure is told
 * once, as it is when the page is first hidden: the server counts what it is told and cannot take a figure back.
 */
export function watchVitals(pageOf: (path: string) => string | null): void {
  const known = new Set<string>()
  let waiting: Vital[] = []
  const note = (measured: Measured) => {
    const vital = known.has(measured.id) ? null : told(measured, pageOf)
    known.add(measured.id)
    if (vital !== null) waiting.push(vital)
  }
  onLCP(note)
  onINP(note)
  onCLS(note)
  const send = () => {
    const items = waiting
    waiting = []
    for (let at = 0; at < items.length; at += MOST) post(items.slice(at, at + MOST))
  }
  // The library settles its figures while the event goes down to the document: here it has.
  window.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') send()
  })
  window.addEventListener('pagehide', send)
}

/** Outlives the page. Nobody waits for the answer, and what did not arrive is not missed. */
function post(items: Vital[]): void {
  const body: Schema<'VitalsIn'> = { items }
  fetch(ADDRESS, { method: 'POST', keepalive: true, headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }).catch(() => undefined)
}
