// What is set side by side in a comparison, and in which order.
import { count, decimal, money } from '~/format/numbers'
import { sentence } from '~/format/words'
import type { Home } from './home'
import { priceOf, statusWords, townOf } from './words'

export interface Fact {
  label: string
  /** One for each home, in their order; a dash where nothing is known. */
  values: string[]
  differs: boolean
}

const UNKNOWN = '–'

/** The facts of the homes: first those in which they differ, in the order of a fact sheet. */
export function factsOfHomes(homes: readonly Home[]): Fact[] {
  const rows = [...FACTS, ...attributesOf(homes)].map(([label, read]): Fact => {
    const values = homes.map((home) => read(home) ?? UNKNOWN)
    return { label, values, differs: new Set(values).size > 1 }
  })
  const known = rows.filter(({ values }) => values.some((value) => value !== UNKNOWN))
  return [...known.filter(({ differs }) => differs), ...known.filter(({ differs }) => !differs)]
}

type Read = (home: Home) => string | null | undefined

const number = (read: (home: Home) => number | null | undefined, write: (value: number) => string): Read => (home) => {
  const value = read(home)
  return value == null ? null : write(value)
}

const FACTS: readonly (readonly [string, Read])[] = [
  ['Price', number(priceOf, (price) => money(price))],
  ['Price per sqft', number(({ living_area_sqft: area, ...home }) => per(priceOf({ living_area_sqft: area, ...home }), area), (price) => money(Math.round(price)))],
  ['Status', ({ status }) => statusWords(status)],
  ['Type', ({ property_type: type }) => type],
  ['Bedrooms', number(({ bedrooms }) => bedrooms, plain)],
  ['Bathrooms', number(({ bathrooms }) => bathrooms, plain)],
  ['Living area, sqft', number(({ living_area_sqft: area }) => area, count)],
  ['Lot, sqft', number(({ lot_size_sqft: lot }) => lot, count)],
  ['Year built', number(({ year_built: year }) => year, String)],
  ['Stories', number(({ stories }) => stories, plain)],
  ['Garage spaces', number(({ garage_spaces: spaces }) => spaces, plain)],
  ['Days on the market', number(({ days_on_market: days }) => days, count)],
  ['First price', number(({ original_list_price: price }) => price, (price) => money(price))],
  ['Place', townOf],
]

/** Free fields that any of the homes has. */
function attributesOf(homes: readonly Home[]): (readonly [string, Read])[] {
  const names = [...new Set(homes.flatMap(({ attributes }) => Object.keys(attributes)))].sort()
  return names.map((name) => [sentence(name), ({ attributes }) => attributeWords((attributes as Record<string, unknown>)[name])] as const)
}

/** A free field in words. */
export function attributeWords(value: unknown): string | null {
  if (value === true) return 'Yes'
  if (value === false) return 'No'
  if (typeof value === 'number') return plain(value)
  return typeof value === 'string' ? value : null
}

function per(price: number | null, area: number | null | undefined): number | null {
  return price === null || area == null || area === 0 ? null : price / area
}

function plain(value: number): string {
  return Number.isInteger(value) ? count(value) : decimal(value, 1)
}

/** The table as text with tabs, for a spreadsheet or a letter. */
export function asText(homes: readonly { name: string }[], facts: readonly Fact[]): string {
  const lines = [['', ...homes.map(({ name }) => name)], ...facts.map(({ label, values }) => [label, ...values])]
  return lines.map((cells) => cells.join('\t')).join('\n')
}
