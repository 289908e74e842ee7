// Facts of a lead between the words that are typed and the fields of the server.
import type { Schema } from '~/api/client'
import type { LeadPatch } from './changes'
import type { Lead } from './queries'

type Range = { min?: number | null; max?: number | null } | null | undefined

/** `200000 to 350000`, `3+`, `up to 4`, `3`: as a range is typed. */
export function typedRange(range: Range): string {
  const { min, max } = range ?? {}
  if (min != null && max != null) return min === max ? String(min) : `${min} to ${max}`
  if (min != null) return `${min}+`
  return max == null ? '' : `up to ${max}`
}

/** The range that was typed; null when it is blank, undefined when it cannot be understood. Thousands may be a K. */
export function parseRange(text: string): { min?: number; max?: number } | null | undefined {
  const plain = text.toLowerCase().replaceAll(/[$,\s]/g, '')
  if (plain === '') return null
  const found = /^(?:(upto|<)([\d.]+k?)|([\d.]+k?)\+|([\d.]+k?)(?:to|-|–)([\d.]+k?)|([\d.]+k?))$/.exec(plain)
  if (found === null) return undefined
  const [most, least, from, to, exact] = found.slice(2).map((part: string | undefined) => (part === undefined ? undefined : amount(part)))
  const range = most !== undefined ? { max: most } : least !== undefined ? { min: least } : exact !== undefined ? { min: exact, max: exact } : { min: from, max: to }
  const values = Object.values(range)
  if (values.some((value) => value === undefined || !Number.isFinite(value))) return undefined
  return range.min !== undefined && range.max !== undefined && range.min > range.max ? undefined : range
}

function amount(text: string): number {
  return text.endsWith('k') ? Number(text.slice(0, -1)) * 1000 : Number(text)
}

/** Words between commas, each once. */
export function parseList(text: string): string[] {
  return [...new Set(text.split(',').map((part) => part.trim()).filter((part) => part !== ''))]
}

/** A wish set or, by null, taken away; the others stay. */
export function withWish<Name extends keyof Schema<'Preferences'>>(lead: Lead, name: Name, value: Schema<'Preferences'>[Name] | null): LeadPatch {
  const others = Object.entries(lead.preferences).filter(([wish]) => wish !== name)
  return { preferences: { ...Object.fromEntries(others), ...(value === null ? {} : { [name]: value }) } }
}

/** A custom field as it was typed, in the type that it had; null takes it away. */
export function parseCustom(before: boolean | number | string, text: string): boolean | number | string | null {
  if (text === '') return null
  if (typeof before === 'boolean') return text === 'yes'
  const number = Number(text)
  return typeof before === 'number' && Number.isFinite(number) ? number : text
}
