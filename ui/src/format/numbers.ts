// Numbers as people read them: a real minus sign, thousands apart, units where they belong.
const LOCALE = 'en-US'
const MINUS = '\u2212'

// A formatter takes far longer to make than to use; there are few kinds of them.
const formatters = new Map<string, Intl.NumberFormat>()

function format(value: number, options: Intl.NumberFormatOptions): string {
  const kind = JSON.stringify(options)
  const formatter = formatters.get(kind) ?? new Intl.NumberFormat(LOCALE, options)
  formatters.set(kind, formatter)
  return formatter.format(value).replace('-', MINUS)
}

/** `1,902` */
export function count(value: number): string {
  return format(value, { maximumFractionDigits: 0 })
}

/** `73.2` with as many digits after the point as asked. */
export function decimal(value: number, digits = 1): string {
  return format(value, { minimumFractionDigits: digits, maximumFractionDigits: digits })
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
  return format(amount, { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** `$612K`, `$1.25M`: for chips, the map and axes. */
export function moneyShort(amount: number, currency = 'USD'): string {
  const size = Math.abs(amount)
  if (size < 1000) return format(amount, { style: 'currency', currency, maximumFractionDigits: 0 })
  const [unit, letter, digits] = size < 999_500 ? [1e3, 'K', 0] : size < 999_500_000 ? [1e6, 'M', 2] : [1e9, 'B', 2]
  const options = { style: 'currency', currency, minimumFractionDigits: 0, maximumFractionDigits: digits } as const
  return format(amount / unit, options) + letter
}

/** As short as axes need it, exact for values that are `step` apart: `1.2M`, `950K`, `2.5`. In money when a currency is named. */
export function compact(value: number, step: number, currency?: string): string {
  const size = Math.abs(value)
  const [unit, letter] = size >= 1e9 ? [1e9, 'B'] : size >= 1e6 ? [1e6, 'M'] : size >= 1e3 ? [1e3, 'K'] : [1, '']
  // As many digits as the step has in that unit; what is left of binary fractions is none.
  const isExact = (digits: number) => Math.abs((step / unit) * 10 ** digits - Math.round((step / unit) * 10 ** digits)) < 1e-6
  const digits = [0, 1, 2].find(isExact) ?? 3
  const options = { minimumFractionDigits: 0, maximumFractionDigits: digits, ...(currency !== undefined && ({ style: 'currency', currency } as const)) }
  return format(value / unit, options) + letter
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
