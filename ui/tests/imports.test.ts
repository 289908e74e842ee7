// Importing: what is read of a file before it is sent, the mapping that a person changes, and files that are saved.
import { describe, expect, it } from 'vitest'
import { advanced, leftOf, shareOf, toldBy } from '~/features/imports/progress'
import { draftOf, toml, withField } from '~/features/imports/mapping'
import { peek, rowsOf } from '~/features/imports/peek'
import { csv } from '~/format/csv'
import { size } from '~/format/size'

describe('a look into a file', () => {
  it('keeps quoted marks and line ends, and counts physical lines as the server does', () => {
    const seen = rowsOf('\uFEFFid,note\r\n1,"a, ""b""\nc"\r\n\r\n2,d', 50)
    expect(seen).toEqual({ columns: ['id', 'note'], rows: [{ line: 2, cells: ['1', 'a, "b"\nc'] }, { line: 5, cells: ['2', 'd'] }] })
  })

  it.each([[';', 'a;b\n1;2'], ['tab', 'a\tb\n1\t2'], ['|', 'a|b\n1|2']])('finds that columns are parted by %s', (_, text) => {
    expect(rowsOf(text, 50)).toEqual({ columns: ['a', 'b'], rows: [{ line: 2, cells: ['1', '2'] }] })
  })

  it('ends after so many rows', () => {
    expect(rowsOf('a\n1\n2\n3\n', 2).rows.map(({ cells }) => cells[0])).toEqual(['1', '2'])
  })

  it('does not read a workbook', async () => {
    expect(await peek(new File(['PK\u0003\u0004'], 'a.xlsx'), 50)).toBeNull()
  })
})

describe('a mapping', () => {
  const draft = draftOf([{ column: 'Full "Name"', field: 'name' }, { column: 'LotSizeAcres', field: 'lot_size_sqft' }, { column: 'door', field: 'custom.door' }])

  it('leaves free columns out, and keeps acres', () => {
    expect(toml({ ...draft, dates: '%d/%m/%Y', metric: 'rent' })).toBe(
      ['[columns]', '"name" = "Full \\"Name\\""', '"lot_size_sqft" = "LotSizeAcres"', '[units]', '"lot_size_sqft" = "acre"', '[formats]', '"date" = "%d/%m/%Y"', '[constants]', '"metric" = "rent"'].join('\n'),
    )
  })

  it('gives each field to one column', () => {
    const changed = withField(draft, 'door', 'name')
    expect(changed.columns).toEqual({ LotSizeAcres: 'lot_size_sqft', door: 'name' })
    expect(withField(changed, 'door', null).columns).toEqual({ LotSizeAcres: 'lot_size_sqft' })
  })
})

it('a saved table is quoted, and runs nothing in a spreadsheet', () => {
  expect(csv(['a', 'b'], [['x, "y"', -1], ['=1+1', null]])).toBe('a,b\r\n"x, ""y""",-1\r\n\'=1+1,\r\n')
})

it('sizes have few digits', () => {
  expect([812, 5_600, 12_400_000].map(size)).toEqual(['812 bytes', '5.6 KB', '12 MB'])
})

describe('an import on its way', () => {
  const counts = (rows: number) => ({ rows, created: rows, updated: 0, unchanged: 0, rejected: 0 })
  const running = { id: 'a', kind: 'series' as const, name: 'a.csv', state: 'queued', counts: counts(0), started_at: '2026-01-01T00:00:00Z' }
  const told = { id: 'a', counts: counts(2000), bytes: 50, total: 200 }

  it('is told by events about imports alone', () => {
    expect(toldBy({ type: 'import.progress', id: 'a', counts: counts(2000), bytes: 50, total_bytes: 200 })).toEqual(told)
    expect(toldBy({ type: 'import.progress', id: 'a', counts: counts(2000), bytes: 50, total_bytes: null })?.total).toBeNull()
    expect(toldBy({ type: 'import.finished', id: 'a', counts: counts(2000) })).toBeNull()
  })

  it('goes on, and never back', () => {
    const now = advanced(running, told)
    expect([now.state, now.counts.rows]).toEqual(['running', 2000])
    expect(advanced(now, { ...told, counts: counts(1000) })).toBe(now)
    expect(advanced({ ...running, state: 'cancelled' }, told).state).toBe('cancelled')
    expect(advanced({ ...running, id: 'b' }, told).counts.rows).toBe(0)
  })

  it('tells what is left only when the pace says it', () => {
    const course = { first: { at: 0, bytes: 100 }, last: { at: 4000, bytes: 300 }, total: 1000 }
    expect(leftOf(course)).toBe(14_000)
    expect(shareOf(course)).toBe(0.3)
    expect(leftOf({ ...course, last: { at: 500, bytes: 300 } })).toBeNull()
    expect(leftOf({ ...course, total: null })).toBeNull()
    expect(shareOf(undefined)).toBeNull()
  })
})
