// Reasons add up to what they explain, however they are drawn.
import { render, screen } from '@testing-library/react'
import { expect, it } from 'vitest'
import { cascaded, fold, Reasons } from '~/components/Reasons'

const reasons = [5, -3, 2, 0.5, -0.25].map((amount, index) => ({ id: `r${index}`, label: `Reason ${index}`, amount }))
const sum = (list: readonly { amount: number }[]) => list.reduce((total, { amount }) => total + amount, 0)

it('the smallest are summed up, and the sum stays', () => {
  const folded = fold(reasons, 3)
  expect(folded.map(({ label }) => label)).toEqual(['Reason 0', 'Reason 1', '3 smaller ones'])
  expect(sum(folded)).toBeCloseTo(sum(reasons), 12)
})

it('bars in a cascade meet, and end at the sum', () => {
  const { spans, zero } = cascaded(reasons, 100)
  expect(spans[0]?.[0]).toBe(zero)
  for (let index = 1; index < spans.length; index += 1) expect(spans[index]?.[0]).toBe(spans[index - 1]?.[1])
  const [from, to] = [zero, spans.at(-1)?.[1] ?? 0]
  const first = spans[0] ?? [0, 0]
  // A length on the track is the amount, times the same factor everywhere.
  expect((to - from) / sum(reasons)).toBeCloseTo((first[1] - first[0]) / 5, 12)
})

it('each reason is written with its sign', () => {
  render(<Reasons reasons={reasons} base={1} digits={2} />)
  expect(screen.getByText('+5.00')).toBeTruthy()
  expect(screen.getByText('\u22123.00')).toBeTruthy()
  expect(screen.getByText('Base')).toBeTruthy()
})
