// Homes in words.
import { count, decimal, money, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import type { Home } from './home'

/** `4211 Alder St` or what else tells it apart. */
export function lineOf(home: Home): string {
  return home.address.line ?? home.listing_key
}

/** `Demoville, ZZ 00121` */
export function townOf({ address: { city, region, postal_code: code } }: Home): string {
  const state = [region, code].filter((part) => part != null).join(' ')
  return [city, state].filter((part) => part != null && part !== '').join(', ')
}

/** `3 bd, 2.5 ba, 1,840 sqft`; what is not known is left out. */
export function factsOf({ bedrooms, bathrooms, living_area_sqft: area }: Home): string {
  const parts = [
    bedrooms == null ? null : bedrooms === 0 ? 'Studio' : `${number(bedrooms)} bd`,
    bathrooms == null ? null : `${number(bathrooms)} ba`,
    area == null ? null : `${count(area)} sqft`,
  ]
  return parts.filter((part) => part !== null).join(', ')
}

/** The price that counts: paid when it is sold, asked otherwise. */
export function priceOf(home: Home): number | null {
  return (home.status === 'closed' ? home.close_price : undefined) ?? home.list_price ?? null
}

export function priceWords(home: Home): string {
  const price = priceOf(home)
  return price === null ? 'No price' : money(price)
}

/** `New today`, `12 days on the market`; empty when it is not known. */
export function daysWords({ days_on_market: days, status }: Home): string {
  if (days == null || status === 'closed') return ''
  return days === 0 ? 'New today' : `${plural(days, 'day')} on the market`
}

export function statusWords(status: Home['status']): string {
  return sentence(status)
}

function number(value: number): string {
  return Number.isInteger(value) ? String(value) : decimal(value, 1)
}
