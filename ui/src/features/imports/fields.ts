// The fields that a column of a file can become, by kind; the server refuses one that it does not know.
import type { Kind } from './queries'

const home = [
  'market', 'source', 'listing_key', 'status', 'property_type', 'list_price', 'original_list_price', 'close_price', 'close_date', 'listed_at', 'modified_at',
  'days_on_market', 'bedrooms', 'bathrooms', 'living_area_sqft', 'lot_size_sqft', 'year_built', 'stories', 'garage_spaces', 'latitude', 'longitude',
  'address.line', 'address.city', 'address.region', 'address.postal_code', 'remarks', 'photos',
]

const fields: Record<Kind, readonly string[]> = {
  listings: home,
  sales: home,
  leads: [
    'external_id', 'name', 'email', 'phone', 'source', 'stage', 'market', 'preferences.price.min', 'preferences.price.max', 'preferences.bedrooms.min',
    'preferences.bathrooms.min', 'preferences.living_area_sqft.min', 'preferences.property_types', 'preferences.keywords', 'tags', 'outcome', 'outcome_at',
    'created_at', 'consent.sms', 'consent.email', 'consent.phone', 'consent.at', 'consent.source', 'consent.text',
  ],
  interactions: ['lead_external_id', 'kind', 'at', 'listing_key', 'event_id'],
  series: ['market', 'metric', 'period', 'value'],
}

/** The fields of a kind, in the order in which people look for them. */
export function fieldsOf(kind: Kind): readonly string[] {
  return fields[kind]
}

/** Whether the field is one of a free name, such as `custom.loan`: a column of the file kept as it is. */
export function isFree(field: string): boolean {
  return /^(?:attributes|custom|properties)\./.test(field)
}

/** `address.postal_code` → `Address, postal code` */
export function fieldName(field: string): string {
  const words = field.replaceAll('.', ', ').replaceAll('_', ' ').replace(/\bsqft\b/, 'sq ft')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

export const areas: readonly string[] = ['living_area_sqft', 'lot_size_sqft']
export const units = [['sqft', 'Square feet'], ['m2', 'Square metres'], ['acre', 'Acres'], ['ha', 'Hectares']] as const

/** What people need to know before they choose a file. */
export const about: Record<Kind, { needs: string; market: boolean }> = {
  listings: { needs: 'Homes for sale: a key, a status, an asking price and an address or place.', market: true },
  sales: { needs: 'Homes that were sold: what was paid, and when. Price estimates learn from them.', market: true },
  leads: { needs: 'People who look for a home: a name and an e-mail address or phone.', market: false },
  interactions: { needs: 'What leads did: the lead’s external id, the kind of event, and when.', market: false },
  series: { needs: 'Values over time, such as median prices: one row for each value, or one column for each period.', market: false },
}
