// Pure parts of tasks and of putting things off: groups by when they are due, changes and their inverses, times to choose.
import { describe, expect, it } from 'vitest'
import { inverse, patched } from '~/features/tasks/changes'
import { grouped, groupOf } from '~/features/tasks/groups'
import type { Task } from '~/features/tasks/queries'
import { belongs, snoozedUntil } from '~/features/leads/snooze'
import { read, soon, written } from '~/format/soon'
import { daysUntil, planned } from '~/format/time'

// A Wednesday, in the reader's own time.
const now = new Date(2026, 10, 25, 14, 20)
const at = (day: number, hour = 9) => new Date(2026, 10, day, hour)

function task(id: string, due: Date | null, more: Partial<Task> = {}): Task {
  return { id, lead_id: 'l', title: id, state: 'open', overdue: false, due_at: due?.toISOString() ?? null, created_at: now.toISOString(), updated_at: now.toISOString(), ...more }
}

describe('tasks by when they are due', () => {
  it('stand in the group of their day', () => {
    const days = [[24, 'overdue'], [25, 'overdue'], [26, 'tomorrow'], [27, 'week'], [30, 'week']] as const
    for (const [day, group] of days) expect(groupOf(task('a', at(day)), now), String(day)).toBe(group)
    expect(groupOf(task('a', at(25, 18)), now)).toBe('today')
    expect(groupOf(task('a', new Date(2026, 11, 2, 9)), now)).toBe('later')
    expect(groupOf(task('a', null), now)).toBe('someday')
  })

  it('are all there, the groups in order and each by its time', () => {
    const all = [task('later', at(28, 12)), task('none', null), task('soon', at(28, 9)), task('late', at(20))]
    expect(grouped(all, now).map(([group, list]) => [group, list.map(({ id }) => id)])).toEqual([['overdue', ['late']], ['week', ['soon', 'later']], ['someday', ['none']]])
  })
})

describe('a change of a task', () => {
  const before = task('a', at(20), { assignee: 'me' })

  it('is shown as it will be', () => {
    expect(patched(before, { done: true }, now)).toMatchObject({ state: 'done', overdue: false, done_at: now.toISOString() })
    expect(patched(before, { due_at: at(30).toISOString() }, now)).toMatchObject({ state: 'open', overdue: false, title: 'a' })
    expect(patched(before, { due_at: null, assignee: null }, now)).toMatchObject({ due_at: null, assignee: null, overdue: false })
  })

  it('is taken back by its inverse', () => {
    for (const patch of [{ done: true }, { due_at: null }, { title: 'b', assignee: null }]) {
      const back = patched(patched(before, patch, now), inverse(before, patch), now)
      expect({ ...back, done_at: back.done_at ?? undefined }).toEqual({ ...before, done_at: undefined, overdue: true })
    }
  })
})

describe('times to put something off to', () => {
  it('are in order, each once, and none is past', () => {
    for (let hour = 0; hour < 24 * 8; hour += 1) {
      const from = new Date(2026, 10, 22, hour, 17)
      const times = soon(from).map((one) => one.at.getTime())
      expect(times.every((time) => time > from.getTime())).toBe(true)
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b))
    }
  })

  it('leave out today in the evening, and Monday on a Sunday', () => {
    expect(soon(now).map(({ label }) => label)).toEqual(['Later today', 'Tomorrow morning', 'Next Monday', 'In two weeks'])
    expect(soon(at(25, 20)).map(({ label }) => label)[0]).toBe('Tomorrow morning')
    expect(soon(at(29, 21)).map(({ label }) => label)).toEqual(['Tomorrow morning', 'In two weeks'])
  })

  it('are written as fields hold them, and read again', () => {
    expect(written(at(5, 7))).toBe('2026-11-05T07:00')
    expect(read(written(at(5, 7)))).toEqual(at(5, 7))
    expect([read(''), read('soon')]).toEqual([null, null])
  })

  it('are said as one plans by them', () => {
    expect([at(25, 18), at(26), at(29), new Date(2026, 11, 2, 9)].map((one) => planned(one, now))).toEqual(['today 18:00', 'tomorrow 09:00', 'Sun 09:00', '2 Dec, 09:00'])
    expect(daysUntil(at(24, 23), now)).toBe(-1)
  })
})

it('a lead is put off until its time has come', () => {
  const away = { snoozed_until: at(26).toISOString() }
  expect([snoozedUntil(away, now), snoozedUntil(away, at(27)), snoozedUntil({}, now)]).toEqual([at(26), null, null])
  expect([belongs(away, true, now), belongs(away, false, now), belongs({}, false, now)]).toEqual([true, false, true])
})
