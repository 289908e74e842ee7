// Schemas of URLs: what a page reads from its address. Anything that is not understood is left out.

type Raw = Record<string, unknown>
type Field<T> = (raw: unknown) => T | undefined

/** Free text; blank is absent. */
export function text(longest = 200): Field<string> {
  return (raw) => {
    const value = typeof raw === 'string' ? raw.slice(0, longest) : undefined
    return value === undefined || value.trim() === '' ? undefined : value
  }
}

/** One of these words. */
export function oneOf<const T extends string>(words: readonly T[]): Field<T> {
  return (raw) => words.find((word) => word === raw)
}

/** Some of these words, written with commas, each once and in the order of the words. */
export function someOf<const T extends string>(words: readonly T[]): Field<T[]> {
  return (raw) => {
    const asked = new Set(typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [])
    const found = words.filter((word) => asked.has(word))
    return found.length === 0 ? undefined : found
  }
}

/** Any words, written with commas, each once, sorted. */
export function list(most = 100): Field<string[]> {
  return (raw) => {
    const parts = typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw.map(String) : []
    const found = [...new Set(parts.map((part) => part.trim()).filter((part) => part !== ''))].sort().slice(0, most)
    return found.length === 0 ? undefined : found
  }
}

/** A number within bounds, bounds included. */
export function number(least = -Infinity, most = Infinity): Field<number> {
  return (raw) => {
    if (raw === '' || (typeof raw !== 'string' && typeof raw !== 'number')) return undefined
    const value = Number(raw)
    return Number.isFinite(value) && value >= least && value <= most ? value : undefined
  }
}

/** `1` when on; absent when off. */
export function flag(): Field<true> {
  return (raw) => (raw === '1' || raw === true ? true : undefined)
}

const ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The id of something on the server. */
export function id(): Field<string> {
  return (raw) => (typeof raw === 'string' && ID.test(raw) ? raw : undefined)
}

type Values<F extends Record<string, Field<unknown>>> = { [K in keyof F]?: F[K] extends Field<infer T> ? T : never }

/** A schema for `validateSearch`: `urlSchema({ band: oneOf(['hot', 'warm']), q: text() })`. */
export function urlSchema<F extends Record<string, Field<unknown>>>(fields: F): (raw: Raw) => Values<F> {
  return (raw) => {
    // Every name is set, also to nothing: the router lays this over what stands in the address.
    return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field(raw[name])])) as Values<F>
  }
}

/** `?a=1&b=x` as plain texts; of a repeated name the last. */
export function parseSearch(search: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(search))
}

/** The reverse: lists with commas, `true` as 1, absent left out. */
export function stringifySearch(values: Raw): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || value === false || value === '') continue
    search.set(name, value === true ? '1' : written(value))
  }
  const query = search.toString().replaceAll('%2C', ',')
  return query === '' ? '' : `?${query}`
}

function written(value: unknown): string {
  if (Array.isArray(value)) return value.join(',')
  return typeof value === 'string' || typeof value === 'number' ? String(value) : JSON.stringify(value)
}
