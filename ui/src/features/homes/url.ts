// What the pages about homes read from their address.
import { readBox, readRings, writeRings, type Ring } from '~/map/geometry'
import { flag, id, list, number, oneOf, someOf, text, urlSchema } from '~/url'

export const sorts = ['newest', 'price', '-price', 'estimate_gap', 'relevance'] as const
export const statuses = ['active', 'coming_soon', 'active_under_contract', 'pending', 'closed', 'hold', 'withdrawn', 'expired', 'canceled'] as const

/** From and to, an absent end is open: `200000-500000`, `3-`, `-500000`. */
export interface Span {
  min?: number
  max?: number
}

function span(): (raw: unknown) => Span | undefined {
  return (raw) => {
    if (typeof raw === 'object' && raw !== null) return raw
    const found = typeof raw === 'string' ? /^(\d+(?:\.\d+)?)?-(\d+(?:\.\d+)?)?$/.exec(raw) : null
    if (found === null || (found[1] === undefined && found[2] === undefined)) return undefined
    return { ...(found[1] !== undefined && { min: Number(found[1]) }), ...(found[2] !== undefined && { max: Number(found[2]) }) }
  }
}

/** The reverse of the address's spans. */
export function writeSpan({ min, max }: Span): string {
  return `${min ?? ''}-${max ?? ''}`
}

export function box(): (raw: unknown) => string | undefined {
  return (raw) => (typeof raw === 'string' && readBox(raw) !== null ? raw : undefined)
}

/** Drawn areas. */
export function rings(): (raw: unknown) => string | undefined {
  return (raw) => {
    const read = typeof raw === 'string' ? readRings(raw) : []
    return read.length === 0 ? undefined : writeRings(read)
  }
}

export const homesUrl = urlSchema({
  market: text(64),
  bbox: box(),
  z: number(0, 22),
  price: spanText(),
  beds: spanText(),
  baths: spanText(),
  area: spanText(),
  built: spanText(),
  type: list(20),
  status: someOf(statuses),
  q: text(200),
  poly: rings(),
  sort: oneOf(sorts),
  sel: id(),
  ids: ids(),
  /** The homes of one's own with this mark alone, wherever they are; what else is asked waits until all are shown again. */
  marks: oneOf(['favourite', 'hidden']),
  /** The list keeps its place while the map moves. */
  still: flag(),
  /** The homes of one bubble: its box. */
  in: box(),
})

/** A span as it stands in the address. */
function spanText(): (raw: unknown) => string | undefined {
  const read = span()
  return (raw) => {
    const value = read(raw)
    return value === undefined ? undefined : writeSpan(value)
  }
}

/** Up to four homes to be compared, in the order in which they were chosen. */
export const MOST_COMPARED = 4

export function ids(): (raw: unknown) => string[] | undefined {
  const one = id()
  return (raw) => {
    const parts = typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : []
    const found = [...new Set(parts.flatMap((part) => one(part) ?? []))].slice(0, MOST_COMPARED)
    return found.length === 0 ? undefined : found
  }
}

export const compareUrl = urlSchema({ ids: ids(), pin: id() })

export type HomesUrl = ReturnType<typeof homesUrl>
export type CompareUrl = ReturnType<typeof compareUrl>

export function readSpan(written: string | undefined): Span | undefined {
  return written === undefined ? undefined : span()(written)
}

export function areasOf(search: Pick<HomesUrl, 'poly'>): Ring[] {
  return search.poly === undefined ? [] : readRings(search.poly)
}
