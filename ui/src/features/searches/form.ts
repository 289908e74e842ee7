// A saved search between the form and the server.
import type { Schema } from '~/api/client'
import { leadName } from '~/format/words'
import type { NewSearch, SavedSearch } from './queries'

type Filter = Schema<'ListingFilter'>
type Cadence = Schema<'Cadence'>

export interface Values {
  name: string
  market: string
  least: string
  most: string
  bedrooms: string
  bathrooms: string
  types: string
  text: string
  cadence: Cadence
}

const LONGEST_NAME = 200

export const blank: Values = { name: '', market: '', least: '', most: '', bedrooms: '', bathrooms: '', types: '', text: '', cadence: 'instant' }

/** The form as it stands for a search that is kept. */
export function valuesOf({ name, market, filters, cadence }: SavedSearch): Values {
  const written = (value: number | null | undefined) => (value == null ? '' : String(value))
  return {
    name, market, cadence,
    least: written(filters.price?.min), most: written(filters.price?.max),
    bedrooms: written(filters.bedrooms?.min), bathrooms: written(filters.bathrooms?.min),
    types: (filters.property_types ?? []).join(', '), text: filters.text ?? '',
  }
}

/** What a lead looks for, as far as the form has it. */
export function wishesOf(lead: Schema<'LeadOut'>): Values {
  const { price, bedrooms, bathrooms, property_types: types, keywords } = lead.preferences
  const written = (value: number | null | undefined) => (value == null ? '' : String(value))
  return {
    ...blank, name: `Homes for ${leadName(lead)}`.slice(0, LONGEST_NAME), market: lead.market ?? '',
    least: written(price?.min), most: written(price?.max), bedrooms: written(bedrooms?.min), bathrooms: written(bathrooms?.min),
    // More than one word would have to stand in the same home.
    types: (types ?? []).join(', '), text: keywords?.length === 1 ? (keywords[0] ?? '') : '',
  }
}

/** The conditions that the form has; what was left blank does not matter. Those that it does not have stay as they were. */
export function filtersIn(values: Values, before: Filter = {}): Filter {
  const { bedrooms: beds, bathrooms: baths } = before
  const [min, max, bedrooms, bathrooms] = [number(values.least), number(values.most), number(values.bedrooms), number(values.bathrooms)]
  const types = values.types.split(',').map((type) => type.trim()).filter((type) => type !== '')
  const owned = ['price', 'bedrooms', 'bathrooms', 'property_types', 'text']
  const filters: Filter = Object.fromEntries(Object.entries(before).filter(([name]) => !owned.includes(name)))
  if (min !== undefined || max !== undefined) filters.price = { min, max }
  // The form has no upper ends for these; one that there was stays.
  const [mostBeds, mostBaths] = [beds?.max ?? undefined, baths?.max ?? undefined]
  if (bedrooms !== undefined || mostBeds !== undefined) filters.bedrooms = { min: bedrooms, max: mostBeds }
  if (bathrooms !== undefined || mostBaths !== undefined) filters.bathrooms = { min: bathrooms, max: mostBaths }
  if (types.length > 0) filters.property_types = types
  if (values.text.trim() !== '') filters.text = values.text.trim()
  return filters
}

/** The form as the server wants a new one. */
export function searchIn(values: Values, lead: string | undefined): NewSearch {
  return { name: values.name.trim(), market: values.market, lead_id: lead, filters: filtersIn(values), cadence: values.cadence }
}

function number(text: string): number | undefined {
  const plain = text.replaceAll(/[$,\s]/g, '')
  return plain === '' || !Number.isFinite(Number(plain)) ? undefined : Number(plain)
}
