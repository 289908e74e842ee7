// Conditions of a search in words.
import type { Schema } from '~/api/client'
import { count, moneyShort } from '~/format/numbers'
import { sentence } from '~/format/words'

type Range = { min?: number | null; max?: number | null } | null | undefined

/** `3+`, `up to 4`, `2 to 4`, `3` */
function range(values: Range, write: (value: number) => string = count): string | null {
  const { min, max } = values ?? {}
  if (min != null && max != null) return min === max ? write(min) : `${write(min)} to ${write(max)}`
  if (min != null) return `${write(min)}+`
  return max == null ? null : `up to ${write(max)}`
}

/** `up to $500K, 3+ bd, condominium, “view”`; that there are none says `Any home`. */
export function conditions(filter: Schema<'ListingFilter'>, currency = 'USD'): string {
  const sized = (values: Range, unit: string, write?: (value: number) => string) => {
    const text = range(values, write)
    return text === null ? [] : [`${text}${unit}`]
  }
  const parts = [
    ...sized(filter.price, '', (amount) => moneyShort(amount, currency)),
    ...sized(filter.bedrooms, ' bd'),
    ...sized(filter.bathrooms, ' ba'),
    ...sized(filter.living_area_sqft, ' sqft'),
    ...sized(filter.lot_size_sqft, ' sqft lot'),
    ...sized(filter.year_built, ' built', String),
    ...sized(filter.days_on_market, ' days on the market'),
    ...(filter.property_types ?? []).map((type) => type.toLowerCase()),
    ...(filter.status ?? []).map((status) => sentence(status).toLowerCase()),
    ...(filter.near == null ? [] : ['near a point']),
    ...(filter.polygon == null ? [] : ['in a drawn area']),
    ...(filter.text == null ? [] : [`“${filter.text}”`]),
  ]
  return parts.length === 0 ? 'Any home' : parts.join(', ')
}

/** How often a search is told of, in the order of a choice. */
export const cadences: readonly (readonly [Schema<'Cadence'>, string])[] = [['instant', 'At once'], ['daily', 'Once a day'], ['weekly', 'Once a week'], ['off', 'Never']]

export function cadenceWords(cadence: Schema<'Cadence'>): string {
  return cadences.find(([one]) => one === cadence)?.[1] ?? sentence(cadence)
}

/** Why a home was found. */
export const whyFound: Record<Schema<'Why'>, string> = { new: 'New', price_drop: 'Cheaper', back_on_market: 'Back' }
