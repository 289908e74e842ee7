// Reasons of a score in points of it. The server counts them in log odds; people read scores from 0 to 100.
import { fold, type Reason } from '~/components/Reasons'
import type { Schema } from '~/api/client'
import { readable } from './words'

/** The score with no reason counted, 0 to 100. */
export function baseScore(base: number): number {
  return 100 / (1 + Math.exp(-base))
}

type Scored = Pick<Schema<'ScoreOut'>, 'score' | 'base' | 'reasons'>

/**
 * The largest reasons in whole points, the others summed up. All are scaled by the same factor, the slope of the line from
 * base to score, so that signs and order stay; rounded so that they sum to the rounded score less the rounded base.
 */
export function inPoints({ score, base, reasons }: Scored, most: number): Reason[] {
  const sum = reasons.reduce((total, { contribution }) => total + contribution, 0)
  const share = score / 100
  const slope = Math.abs(sum) < 1e-9 ? 100 * share * (1 - share) : (score - baseScore(base)) / sum
  const points = reasons.map(({ feature, label, contribution }) => ({ id: feature, label: readable(label), amount: contribution * slope }))
  return rounded(fold(points, most), Math.round(score) - Math.round(baseScore(base)))
}

/** Whole numbers that sum to `total`: each is rounded, and what is missing goes to those that lost most by it. */
function rounded(reasons: readonly Reason[], total: number): Reason[] {
  const whole = reasons.map((reason) => ({ ...reason, amount: Math.round(reason.amount) }))
  let missing = total - whole.reduce((sum, { amount }) => sum + amount, 0)
  const lost = (index: number) => (reasons[index]?.amount ?? 0) - (whole[index]?.amount ?? 0)
  const step = Math.sign(missing)
  const order = whole.map((_, index) => index).sort((a, b) => step * (lost(b) - lost(a)))
  for (let at = 0; missing !== 0 && order.length > 0; at = (at + 1) % order.length) {
    const reason = whole[order[at] ?? 0]
    if (reason === undefined) break
    reason.amount += step
    missing -= step
  }
  return whole
}
