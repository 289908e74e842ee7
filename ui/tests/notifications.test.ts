// Notifications: what is read, where they lead, by which day they stand.
import { describe, expect, it } from 'vitest'
import { byDay, targetOf } from '~/features/notifications/about'
import { read, type Notification } from '~/features/notifications/queries'

const now = new Date(2026, 10, 28, 12)

function one(id: string, more: Partial<Notification> = {}): Notification {
  return { id, kind: 'lead_hot', title: id, lead_id: 'lead', subject_id: null, created_at: now.toISOString(), read_at: null, ...more }
}

describe('what was read', () => {
  const pages = { pages: [{ items: [one('c'), one('b', { read_at: '2026-01-01T00:00:00Z' })], next_cursor: 'x', unread: 5 }, { items: [one('a')], next_cursor: null, unread: 5 }], pageParams: [null, 'x'] }

  it('is counted once, and what was read before keeps its time', () => {
    const next = read(pages, new Set(['c', 'b', 'z']), now)
    expect(next.pages.map(({ unread }) => unread)).toEqual([4, 4])
    expect(next.pages.flatMap(({ items }) => items.map(({ read_at: at }) => at))).toEqual([now.toISOString(), '2026-01-01T00:00:00Z', null])
  })

  it('is everything, also what is not loaded', () => {
    const next = read(pages, null, now)
    expect(next.pages.map(({ unread }) => unread)).toEqual([0, 0])
    expect(next.pages.flatMap(({ items }) => items).every(({ read_at: at }) => at != null)).toBe(true)
  })
})

it('a notification leads to what it is about', () => {
  expect(targetOf(one('a'))).toEqual({ to: '/leads/$id', params: { id: 'lead' } })
  expect(targetOf(one('a', { kind: 'homes_found', subject_id: 's' }))).toEqual({ to: '/searches', search: { search: 's' } })
  expect(targetOf(one('a', { kind: 'import_finished', lead_id: null, subject_id: 'i' }))).toEqual({ to: '/import', search: { import: 'i' } })
  expect(targetOf(one('a', { lead_id: null }))).toBeNull()
})

it('notifications stand under their day, in order', () => {
  const at = (days: number, hours = 0) => new Date(now.getTime() - days * 86_400_000 - hours * 3_600_000).toISOString()
  const all = [one('a'), one('b', { created_at: at(0, 11) }), one('c', { created_at: at(0, 13) }), one('d', { created_at: at(3) })]
  expect(byDay(all, now).map(([day, list]) => [day, list.map(({ id }) => id)])).toEqual([['Today', ['a', 'b']], ['Yesterday', ['c']], ['Before', ['d']]])
})
