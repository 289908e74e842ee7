// Pure parts of the pages about leads: reasons in points, news of a list, facts as they are typed.
import { describe, expect, it } from 'vitest'
import { daysBack } from '~/features/leads/Course'
import { inverse, patched } from '~/features/leads/changes'
import { parseCustom, parseList, parseRange, typedRange, withWish } from '~/features/leads/factText'
import { earliest, isTask } from '~/features/leads/finish'
import { newsOf, renewed } from '~/features/leads/fresh'
import { baseScore, inPoints } from '~/features/leads/points'
import type { Lead } from '~/features/leads/queries'
import type { Task } from '~/features/tasks/queries'
import { by } from '~/features/leads/people'
import { later } from '~/features/leads/dialogs/MergeDialog'
import type { Merged } from '~/features/leads/merges'
import { woven } from '~/features/leads/Timeline'
import type { Schema } from '~/api/client'
import { did, isDeleted, range, wishes } from '~/features/leads/words'

function lead(id: string, more: Partial<Lead> = {}): Lead {
  return { id, created_at: '2026-01-01T00:00:00Z', updated_at: '2026-01-01T00:00:00Z', custom: {}, preferences: {}, provenance: 'api', tags: [], version: 1, ...more }
}

const logit = (share: number) => Math.log(share / (1 - share))

describe('reasons in points', () => {
  it('sum to the rounded score less the rounded base, whatever they are', () => {
    for (let seed = 1; seed <= 200; seed += 1) {
      const amounts = Array.from({ length: seed % 12 }, (_, index) => Math.sin(seed * 7 + index * 13) * 1.5)
      const base = Math.cos(seed) * 3
      const score = baseScore(base + amounts.reduce((sum, one) => sum + one, 0))
      const reasons = amounts.map((contribution, index) => ({ feature: `f${index}`, label: `f${index}`, contribution }))
      const points = inPoints({ score, base, reasons }, 6)
      const sum = points.reduce((total, { amount }) => total + amount, 0)
      expect(points.length).toBeLessThanOrEqual(6)
      if (reasons.length > 0) expect(sum).toBe(Math.round(score) - Math.round(baseScore(base)))
      for (const { id, amount } of points) {
        const contribution = reasons.find(({ feature }) => feature === id)?.contribution
        if (contribution !== undefined && Math.abs(amount) > 1) expect(Math.sign(amount)).toBe(Math.sign(contribution))
      }
    }
  })

  it('that cancel out are still told', () => {
    const reasons = [{ feature: 'a', label: 'loan_approved: 1', contribution: 1 }, { feature: 'b', label: 'b', contribution: -1 }]
    expect(inPoints({ score: 50, base: logit(0.5), reasons }, 8)).toEqual([{ id: 'a', label: 'Loan approved: 1', amount: 25 }, { id: 'b', label: 'B', amount: -25 }])
  })
})

describe('news of a list', () => {
  const rows = ['a', 'b', 'c'].map((id) => lead(id))

  it('are leads that are not shown, or another order', () => {
    expect(newsOf(rows, rows)).toBeNull()
    expect(newsOf(rows, rows.slice(0, 2))).toBeNull()
    expect(newsOf(rows, [lead('d'), ...rows])).toEqual({ added: 1, text: '1 new lead' })
    expect(newsOf(rows, [lead('b'), lead('a'), lead('c')])).toEqual({ added: 0, text: 'The order has changed' })
    expect(newsOf([], [lead('a'), lead('b')])).toEqual({ added: 2, text: '2 new leads' })
  })

  it('are not what stands behind the end of a list that goes on', () => {
    expect(newsOf(rows, [...rows, lead('d')], true)).toBeNull()
    expect(newsOf(rows, [...rows, lead('d')])).toEqual({ added: 1, text: '1 new lead' })
    expect(newsOf(rows, [lead('d'), ...rows], true)).toEqual({ added: 1, text: '1 new lead' })
  })

  it('renew rows in their places, and never with an older version', () => {
    const data = { pages: [{ items: rows, next_cursor: null }], pageParams: [null] }
    expect(renewed(data, rows.map((row) => ({ ...row })))).toBe(data)
    const next = renewed(data, [lead('c', { score: 3 }), lead('a', { version: 0, score: 9 })])
    expect(next.pages[0]?.items.map(({ id, score }) => [id, score])).toEqual([['a', undefined], ['b', undefined], ['c', 3]])
  })
})

describe('a change of a lead', () => {
  const before = lead('a', { stage: 'new', custom: { pets: true, floor: 2 } })
  const patch = { stage: null, custom: { pets: null, floor: 3 } }

  it('is shown as it will be', () => {
    expect(patched(before, patch)).toEqual({ ...before, stage: null, custom: { floor: 3 } })
  })

  it('is taken back by its inverse', () => {
    expect(patched(patched(before, patch), inverse(before, patch))).toEqual(before)
  })
})

describe('facts as they are typed', () => {
  it('ranges are read and written', () => {
    for (const [text, value] of [['3+', { min: 3 }], ['up to 500k', { max: 500_000 }], ['$200,000 to 350000', { min: 200_000, max: 350_000 }], ['2-4', { min: 2, max: 4 }], ['2.5', { min: 2.5, max: 2.5 }], ['', null], ['many', undefined], ['5 to 2', undefined]] as const) {
      expect(parseRange(text), text).toEqual(value)
    }
    for (const value of [{ min: 1 }, { max: 7 }, { min: 1, max: 7 }, { min: 4, max: 4 }]) expect(parseRange(typedRange(value))).toEqual(value)
  })

  it('lists have each word once', () => {
    expect(parseList(' a, b ,, a')).toEqual(['a', 'b'])
  })

  it('custom fields keep their type', () => {
    expect([parseCustom(true, 'no'), parseCustom(3, '4'), parseCustom(3, 'four'), parseCustom('x', '4'), parseCustom('x', '')]).toEqual([false, 4, 'four', '4', null])
  })

  it('one wish changes and the others stay', () => {
    const one = lead('a', { preferences: { price: { max: 5 }, keywords: ['view'] } })
    expect(withWish(one, 'price', null)).toEqual({ preferences: { keywords: ['view'] } })
    expect(withWish(one, 'bedrooms', { min: 2 })).toEqual({ preferences: { price: { max: 5 }, keywords: ['view'], bedrooms: { min: 2 } } })
  })
})

it('the course of a score looks back over the days that the lead was there, and half a year at most', () => {
  const day = 86_400_000
  const now = 20_000 * day
  expect([0, 0.5, 1.5, 40, 180, 900].map((age) => daysBack(now - age * day, now))).toEqual([1, 1, 1, 40, 180, 180])
})

it('wishes and doings are said in words', () => {
  expect(wishes({ price: { max: 755_000 }, bedrooms: { min: 3 }, property_types: ['Condo'] })).toBe('up to $755K, 3+ bd, condo')
  expect(range({ min: 2, max: 2 })).toBe('2')
  expect(did({ kind: 'listing_view', listing_id: 'x', properties: {} })).toBe('Viewed')
  expect(did({ kind: 'listing_view', listing_id: null, properties: {} })).toBe('Viewed a home')
  expect(did({ kind: 'other', listing_id: null, properties: { name: 'open_house' } })).toBe('Open house')
})

describe('notes', () => {
  it('say who wrote them, as far as the reader knows', () => {
    const people = [{ id: 'a', name: 'ann', email: 'ann@example.com', me: true }, { id: 'b', name: 'bo', email: 'bo@example.com', me: false }]
    expect(['user:a', 'user:b', 'user:c', 'key:k', undefined].map((actor) => by(actor, people))).toEqual([' by me', ' by bo', ' by a colleague', ' by a program', ''])
  })

  it('are deleted when somebody did and nothing is left', () => {
    expect(isDeleted({ kind: 'note', properties: { author: 'user:a', deleted_by: 'user:b' } })).toBe(true)
    expect(isDeleted({ kind: 'note', properties: { author: 'user:a', body: 'x' } })).toBe(false)
    expect(isDeleted({ kind: 'other', properties: { deleted_by: 'user:b' } })).toBe(false)
  })
})

describe('a merge', () => {
  const item = (id: string, at: string) => ({ id, at, kind: 'note' }) as Schema<'TimelineOut'>
  const merged = (id: string, at: string) => ({ id, at }) as Merged
  const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).join('')

  it('stands in the timeline where it happened, and comes with what happened then', () => {
    const items = [item('a', '2026-03-05T00:00:00Z'), item('b', '2026-03-01T00:00:00Z')]
    const merges = [merged('x', '2026-03-03T00:00:00.000001Z'), merged('y', '2026-02-01T00:00:00Z')]
    expect(ids(woven(items, merges, false))).toBe('axby')
    expect(ids(woven(items, merges, true))).toBe('axb')
    expect(ids(woven([], merges, false))).toBe('xy')
    expect(ids(woven(items, [], true))).toBe('ab')
  })

  it('goes on from the later activity', () => {
    const [early, late] = ['2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z']
    expect([later(early, late), later(late, early), later(null, early), later(late, undefined), later(null, null)]).toEqual([late, late, early, late, null])
  })
})

describe('a next step that is a task', () => {
  const task = (id: string, due_at: string | null, done_at: string | null = null) => ({ id, due_at, done_at }) as Task

  it('is the open one that is due first', () => {
    expect(earliest([task('a', null), task('b', '2026-03-02T00:00:00Z'), task('c', '2026-03-01T00:00:00Z'), task('d', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z')])?.id).toBe('c')
    expect(earliest([task('d', null, '2026-01-02T00:00:00Z')])).toBeUndefined()
  })

  it('is told from other steps', () => {
    const step = (code: 'overdue_task' | 'planned_task' | 'answer') => isTask({ next_step: { code, label: '' } })
    expect([step('overdue_task'), step('planned_task'), step('answer'), isTask({ next_step: null })]).toEqual([true, true, false, false])
  })
})
