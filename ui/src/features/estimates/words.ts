// Names of what moves an estimate and of what analyses count, for people.
import { count, decimal, money, percent, plural } from '~/format/numbers'
import { sentence } from '~/format/words'
import type { Schema } from '~/api/client'
import { attributeWords } from '~/features/homes/comparison'
import type { Home } from '~/features/homes/home'
import type { Kind } from './queries'

const FEATURES: Record<string, string> = {
  living_area_sqft: 'Living area', lot_size_sqft: 'Lot', property_type: 'Type', nearby_sales: 'Sales nearby', market_level: 'Level of the market',
  calibration: 'Correction of the model', location: 'Place on the map', year_built: 'Year built',
}
const UNITS: Record<string, string> = { living_area_sqft: ' sqft', lot_size_sqft: ' sqft' }

/** `Living area, 1,882 sqft`: what moves the value, and what the home has of it. */
export function featureWords(feature: string, home: Home): string {
  const name = FEATURES[feature] ?? sentence(feature)
  const value = valueOf(feature, home)
  return value === null ? name : `${name}, ${value}`
}

function valueOf(feature: string, home: Home): string | null {
  const facts: Record<string, unknown> = { ...home.attributes, ...home, ...home.address }
  const value = facts[feature]
  if (feature === 'year_built' && typeof value === 'number') return String(value)
  const words = attributeWords(value)
  return words === null ? null : words.toLowerCase() === 'yes' || words.toLowerCase() === 'no' ? words.toLowerCase() : words + (UNITS[feature] ?? '')
}

/** The kinds in the order of the page; `say` puts the figure that matters most into words. */
export const kinds: readonly { kind: Kind; title: string; about: string; headline: string; say: (figure: string, value: number) => string }[] = [
  { kind: 'price_position', title: 'Price beside like homes', about: 'Where its price stands among like homes for sale.', headline: 'percentile', say: (_, value) => `dearer than ${percent(value)} of them` },
  { kind: 'competition', title: 'Competition', about: 'Like homes for sale that a buyer would see first.', headline: 'rivals', say: (_, value) => plural(value, 'like home') },
  { kind: 'days_on_market', title: 'Odds of selling', about: 'How long homes like it take to sell.', headline: 'median_days', say: (figure) => `half within ${figure}` },
  { kind: 'supply', title: 'Supply', about: 'How long the homes for sale would last at the pace of sales.', headline: 'months_of_supply', say: (figure) => figure },
  { kind: 'demand', title: 'Demand', about: 'How fast homes are taken off the market.', headline: 'absorption_rate', say: (_, value) => `${percent(value)} sold a month` },
  { kind: 'cash_flow', title: 'Cash flow', about: 'What it would earn when let, after expenses and a loan.', headline: 'cash_flow', say: (figure) => figure },
  { kind: 'rental_yield', title: 'Rental yield', about: 'The rent of a year over the price.', headline: 'gross_yield', say: (_, value) => `${percent(value, 1)} before expenses` },
]

/** A figure with its unit. */
export function figureWords(value: number, unit: Schema<'FigureUnit'>): string {
  switch (unit) {
    case 'share':
      return percent(value, 1)
    case 'currency':
      return money(Math.round(value))
    case 'currency_per_month':
      return `${money(Math.round(value))} a month`
    case 'currency_per_year':
      return `${money(Math.round(value))} a year`
    case 'currency_per_sqft':
      return `${money(Math.round(value))} per sqft`
    case 'homes':
      return count(value)
    case 'homes_per_month':
      return `${decimal(value, 1)} a month`
    case 'homes_per_km2':
      return `${decimal(value, 1)} per km²`
    case 'metres':
      return value >= 1000 ? `${decimal(value / 1000, 1)} km` : `${count(value)} m`
    case 'ratio':
      return decimal(value, Math.abs(value) < 1 ? 3 : 2)
    default:
      return `${Number.isInteger(value) ? count(value) : decimal(value, 1)} ${unit}`
  }
}

export const origins: Record<Schema<'InputOrigin'>, string> = { given: 'given', listing: 'from the listing', market: 'counted in the market', default: 'default' }
