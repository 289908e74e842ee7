// Numbers as people read them: a real minus sign, thousands apart, units where they belong.
// Written as `Intl.NumberFormat` writes them in `en-US`, without it: its first use costs a page 40 ms before anything is drawn.
const MINUS = '\u2212'

/** How `en-US` names what it does not call by its code. */
const SYMBOLS: Readonly<Record<string, string>> = { USD: '$', AUD: 'A$', BRL: 'R$', CAD: 'CA$', CNY: 'CN¥', EUR: '€', GBP: '£', ILS: '₪', INR: '₹', JPY: '¥', KRW: '₩', MXN: 'MX$', NZD: 'NZ$', PHP: '₱', TWD: 'NT$', VND: '₫' }

interface Shape {
  /** Digits after the point: at least, and at most. */
  least?: number
  most: number
  currency?: string | undefined
}

function format(value: number, { least = 0, most, currency }: Shape): string {
  const text = Math.abs(value).toFixed(most)
  const [whole = '', fraction = ''] = text.split('.')
  const kept = fraction.slice(0, least) + fraction.slice(least).replace(/0+$/, '')
  const sign = value < 0 || Object.is(value, -0) ? MINUS : ''
  return `${sign}${prefix(currency)}${whole.replace(/\B(?=(?:\d{3})+$)/g, ',')}${kept && `.${kept}`}`
}

/** A code is set apart from its amount, a symbol is not. */
function prefix(currency: string | undefined): string {
  return currency === undefined ? '' : (SYMBOLS[currency] ?? `${currency}\u00a0`)
}

/** `1,902` */
export function count(value: number): string {
  return format(value, { most: 0 })
}

/** `73.2` with as many digits after the point as asked. */
export function decimal(value: number, digits = 1): string {
  return format(value, { least: digits, most: digits })
}

/** A share of 1 as `3.1%`. */
export function percent(share: number, digits = 0): string {
  return `${decimal(share * 100, digits)}%`
}

/** `+21` or `−4`; zero has no sign. */
export function signed(value: number, digits = 0): string {
  const text = decimal(value, digits)
  if (/^\u2212?[0.,]*$/.test(text)) return text.replace(MINUS, '')
  return value > 0 ? `+${text}` : text
}

/** `$612,000`; cents only where there are some. */
export function money(amount: number, currency = 'USD'): string {
  const digits = Number.isInteger(amount) || Math.abs(amount) >= 1000 ? 0 : 2
  return format(amount, { least: digits, most: digits, currency })
}

/** `$612K`, `$1.25M`: for chips, the map and axes. */
export function moneyShort(amount: number, currency = 'USD'): string {
  const size = Math.abs(amount)
  if (size < 1000) return format(amount, { most: 0, currency })
  const [unit, letter, digits] = size < 999_500 ? [1e3, 'K', 0] : size < 999_500_000 ? [1e6, 'M', 2] : [1e9, 'B', 2]
  return format(amount / unit, { most: digits, currency }) + letter
}

/** As short as axes need it, exact for values that are `step` apart: `1.2M`, `950K`, `2.5`. In money when a currency is named. */
export function compact(value: number, step: number, currency?: string): string {
  const size = Math.abs(value)
  const [unit, letter] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'K'] : [1, '']
  // As many digits as the step has in that unit; what is left of binary fractions is none.
  const isExact = (digits: number) => Math.abs((step / unit) * 10 ** digits - Math.round((step / unit) * 10 ** digits)) < 1e-6
  const digits = [0, 1, 2].find(isExact) ?? 3
  return format(value / unit, { most: digits, currency }) + letter
}

/** `+$31,000` or `−$10,000`. */
export function moneySigned(amount: number, currency = 'USD'): string {
  return amount > 0 ? `+${money(amount, currency)}` : money(amount, currency)
}

/** `$571,000 to $629,000` */
export function moneyRange(low: number, high: number, currency = 'USD'): string {
  return `${money(low, currency)} to ${money(high, currency)}`
}

/** `1 lead`, `2 leads`, `1,902 leads`; the plural only where it is irregular. */
export function plural(n: number, one: string, many = `${one}s`): string {
  return `${count(n)} ${n === 1 ? one : many}`
}
