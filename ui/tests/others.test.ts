// Who else looks, in words and initials.
import { describe, expect, it } from 'vitest'
import { alsoLooks, initials, without } from '~/features/leads/others'

describe('the others', () => {
  it('are all but the reader, named or only counted', () => {
    expect(without(undefined, 'me')).toEqual({ users: [], total: 0 })
    expect(without({ users: ['me'], total: 1 }, 'me')).toEqual({ users: [], total: 0 })
    expect(without({ users: ['ann', 'me'], total: 2 }, 'me')).toEqual({ users: ['ann'], total: 1 })
    expect(without({ users: ['ann', 'bo'], total: 30 }, 'me')).toEqual({ users: ['ann', 'bo'], total: 29 })
    expect(without({ users: ['ann'], total: 1 }, null)).toEqual({ users: ['ann'], total: 1 })
  })

  it.each([
    [['ann'], 1, 'ann also looks at this'],
    [[null], 1, 'A colleague also looks at this'],
    [[null, null], 2, '2 colleagues also look at this'],
    [['ann', 'bo'], 2, 'ann and bo also look at this'],
    [['ann', null], 2, 'ann and a colleague also look at this'],
    [['ann', 'bo', 'cy'], 3, 'ann, bo and cy also look at this'],
    [['ann', 'bo', 'cy', 'di'], 25, 'ann, bo and 23 others also look at this'],
  ])('%j of %d: %s', (names, total, text) => {
    expect(alsoLooks(names, total)).toBe(text)
  })

  it('have initials', () => {
    expect(['ann.smith', 'bo', 'maria-del-mar_ruiz', '…'].map(initials)).toEqual(['AS', 'B', 'MR', ''])
  })
})
