// What the page of a home reads from its address.
import { ids } from '~/features/homes/url'
import { list, text, urlSchema } from '~/url'

export const homeUrl = urlSchema({
  /** Changed facts of the what-if, `living_area_sqft:2000,condition:4`. */
  what: text(500),
  /** Comparables that are left out. */
  without: list(50),
  /** Homes that are chosen for comparison, as in the search. */
  ids: ids(),
})

export type HomeUrl = ReturnType<typeof homeUrl>

/** Changed facts by name; flags are 1 or 0. */
export type Changes = Readonly<Record<string, number>>

export function readChanges(written: string | undefined): Changes {
  const parts = (written ?? '').split(',').map((part) => /^([a-z][a-z0-9_]*):(-?\d+(?:\.\d+)?)$/.exec(part))
  return Object.fromEntries(parts.flatMap((found) => (found?.[1] === undefined ? [] : [[found[1], Number(found[2])]])))
}

export function writeChanges(changes: Changes): string | undefined {
  const written = Object.entries(changes).map(([name, value]) => `${name}:${value}`).join(',')
  return written === '' ? undefined : written
}
