// Numbers and times as people read them.
import { describe, expect, it } from 'vitest'
import { compact, count, decimal, money, moneyRange, moneyShort, moneySigned, percent, plural, signed } from '~/format/numbers'
import { ago, clock, exact, month, span } from '~/format/time'
import { leadName, sentence } from '~/format/words'

describe('numbers', () => {
  it.each([
    [count(1902), '1,902'],
    [decimal(-3.14159, 2), '\u22123.14'],
    [percent(0.031, 1), '3.1%'],
    [signed(21), '+21'],
    [signed(-4), '\u22124'],
    [signed(0), '0'],
    [signed(0.004, 2), '0.00'],
    [money(612000), '$612,000'],
    [money(12.5), '$12.50'],
    [moneyShort(612_400), '$612K'],
    [moneyShort(999_600), '$1M'],
    [moneyShort(1_250_000), '$1.25M'],
    [moneyShort(-10_000), '\u2212$10K'],
    [moneyShort(640), '$640'],
    [compact(612_500, 2_500, 'USD'), '$612.5K'],
    [compact(600_000, 20_000, 'USD'), '$600K'],
    [compact(1_050_000, 50_000, 'USD'), '$1.05M'],
    [compact(1_200_000, 100_000), '1.2M'],
    [compact(0.30000000000000004, 0.1), '0.3'],
    [compact(45, 5), '45'],
    [compact(-2_000, 1_000), '\u22122K'],
    [moneySigned(31_000), '+$31,000'],
    [moneySigned(-10_000), '\u2212$10,000'],
    [moneyRange(571_000, 629_000), '$571,000 to $629,000'],
    [plural(1, 'lead'), '1 lead'],
    [plural(1902, 'lead'), '1,902 leads'],
    [plural(2, 'search', 'searches'), '2 searches'],
  ])('%s is written %s', (found, wanted) => {
    expect(found).toBe(wanted)
  })
})

describe('amounts', () => {
  // Eighths: exact in binary, so that what is half-way is rounded by everyone alike.
  const amounts = Array.from({ length: 400 }, (_, k) => Math.round(((k * 7919) % 401) ** (1 + (k % 4))) / 8).flatMap((amount) => [amount, -amount - 0.125])
  const intl = (amount: number, options: Intl.NumberFormatOptions) => new Intl.NumberFormat('en-US', options).format(amount).replace('-', '\u2212')

  it.each(['USD', 'AUD', 'BRL', 'CAD', 'CNY', 'EUR', 'GBP', 'ILS', 'INR', 'JPY', 'KRW', 'MXN', 'NZD', 'PHP', 'TWD', 'VND', 'CHF', 'SEK', 'PLN'])('in %s are written as the platform writes them', (currency) => {
    const digits = (amount: number) => (Number.isInteger(amount) || Math.abs(amount) >= 1000 ? 0 : 2)
    for (const amount of amounts) {
      expect(money(amount, currency)).toBe(intl(amount, { style: 'currency', currency, minimumFractionDigits: digits(amount), maximumFractionDigits: digits(amount) }))
    }
  })

  it('without a currency are written as the platform writes them', () => {
    for (const amount of amounts) {
      expect(count(amount)).toBe(intl(amount, { maximumFractionDigits: 0 }))
      expect(decimal(amount, 2)).toBe(intl(amount, { minimumFractionDigits: 2, maximumFractionDigits: 2 }))
    }
  })
})

describe('times', () => {
  const now = new Date(2026, 10, 28, 12, 0, 0)
  const before = (milliseconds: number) => ago(new Date(now.getTime() - milliseconds), now)
  it.each([
    [before(0), 'now'],
    [before(59_000), 'now'],
    [before(2 * 60_000), '2 min'],
    [before(3 * 3600_000), '3 h'],
    [before(29 * 86_400_000), '29 d'],
    [before(77 * 86_400_000), '12 Sep'],
    [before(500 * 86_400_000), '16 Jul 2025'],
    [before(-10 * 60_000), 'in 10 min'],
    [month(new Date('2026-09-01T00:00:00Z')), 'Sep 2026'],
    [clock(new Date(2026, 0, 1, 0, 5)), '00:05'],
    [exact(new Date(2026, 8, 12, 9, 5)), '12 Sep 2026, 09:05'],
    [span(220_000), '3 min 40 s'],
    [span(3600_000), '1 h'],
    [span(45_000), '45 s'],
  ])('%s is %s', (found, wanted) => {
    expect(found).toBe(wanted)
  })
})

describe('words', () => {
  it('codes become sentences', () => {
    expect(sentence('active_under_contract')).toBe('Active under contract')
  })

  it('a lead without a name is called by what is known', () => {
    expect(leadName({ name: null, email: null, phone: '555 0100' })).toBe('555 0100')
    expect(leadName({})).toBe('No name')
  })
})

it('a number that rounds to zero has no sign', () => {
  expect([signed(-0.3), signed(0.3), signed(-0.04, 1), signed(-4), signed(4)]).toEqual(['0', '0', '0.0', '−4', '+4'])
})
