// An amount of money: whole, or short with the whole one behind it.
import { money, moneyShort } from '~/format/numbers'

export function Money({ amount, currency = 'USD', short = false }: { amount: number; currency?: string; short?: boolean }) {
  const whole = money(amount, currency)
  return short ? <span title={whole}>{moneyShort(amount, currency)}</span> : <>{whole}</>
}
