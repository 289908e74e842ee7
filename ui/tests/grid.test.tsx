// The grid: whole for screen readers, worked by keyboard, and the focus stays with its row.
import { act, fireEvent, render, screen } from '@testing-library/react'
import { useState } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { DataGrid, type Column } from '~/components/DataGrid'
import { handleKey, resetChord } from '~/keyboard/registry'

interface Row {
  id: string
  name: string
}

const columns: readonly Column<Row>[] = [{ id: 'name', label: 'Name', width: '1fr', sort: 'name', cell: (row) => row.name }]
const many = Array.from({ length: 1000 }, (_, index): Row => ({ id: `id${index}`, name: `Row ${index}` }))

// The page has no layout here: a pane of 440 pixels is ten rows of 44.
beforeEach(() => {
  resetChord()
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(440)
  vi.spyOn(HTMLElement.prototype, 'offsetWidth', 'get').mockReturnValue(800)
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(440)
  window.addEventListener('keydown', handleKey)
})
afterEach(() => {
  window.removeEventListener('keydown', handleKey)
  vi.restoreAllMocks()
})

function Grid({ onOpen, onSort, onEnd }: { onOpen?: (row: Row) => void; onSort?: (sort: string) => void; onEnd?: () => void }) {
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  return <DataGrid main label="Rows" columns={columns} rows={many} rowKey={(row) => row.id} rowLabel={(row) => row.name} selected={selected} onSelect={setSelected} onOpen={onOpen} sort="-name" onSort={onSort} onEnd={onEnd} />
}

const row = (index: number) => screen.getByRole('row', { name: `Row ${index}` })
const press = (key: string, more: KeyboardEventInit = {}) => fireEvent.keyDown(document.activeElement ?? document.body, { key, ...more })

describe('the grid', () => {
  it('draws few rows and tells of all', () => {
    render(<Grid />)
    expect(screen.getAllByRole('row').length).toBeLessThan(40)
    expect(screen.getByRole('grid', { name: 'Rows' }).getAttribute('aria-rowcount')).toBe('1001')
    expect(row(3).getAttribute('aria-rowindex')).toBe('5')
  })

  it('has one row in the order of Tab, which the arrows move', () => {
    render(<Grid />)
    act(() => row(0).focus())
    press('ArrowDown')
    press('ArrowDown')
    expect(document.activeElement).toBe(row(2))
    expect(screen.getAllByRole('row').filter((one) => one.tabIndex === 0)).toEqual([row(2)])
  })

  it('J and K move from anywhere, Enter opens, X selects, Shift+X up to', () => {
    const onOpen = vi.fn()
    render(<Grid onOpen={onOpen} />)
    press('j')
    expect(document.activeElement).toBe(row(0))
    press('j')
    press('j')
    press('k')
    press('Enter')
    expect(onOpen).toHaveBeenCalledExactlyOnceWith(many[1])
    press('x')
    press('j')
    press('j')
    press('X', { shiftKey: true })
    expect([0, 1, 2, 3, 4].map((index) => row(index).getAttribute('aria-selected'))).toEqual(['false', 'true', 'true', 'true', 'false'])
  })

  it('keeps the focused row while others come and go', () => {
    render(<Grid />)
    act(() => row(1).focus())
    const grid = screen.getByRole('grid')
    act(() => {
      grid.scrollTop = 20_000
      grid.dispatchEvent(new Event('scroll'))
    })
    expect(row(455)).toBeTruthy()
    expect(document.activeElement).toBe(row(1))
  })

  it('sorts by its headings and says how', () => {
    const onSort = vi.fn()
    render(<Grid onSort={onSort} />)
    expect(screen.getByRole('columnheader', { name: 'Name' }).getAttribute('aria-sort')).toBe('descending')
    fireEvent.click(screen.getByRole('button', { name: 'Name' }))
    expect(onSort).toHaveBeenCalledExactlyOnceWith('name')
  })

  it('asks for more near its end only', () => {
    const onEnd = vi.fn()
    render(<Grid onEnd={onEnd} />)
    expect(onEnd).not.toHaveBeenCalled()
    const grid = screen.getByRole('grid')
    act(() => {
      grid.scrollTop = 43_000
      grid.dispatchEvent(new Event('scroll'))
    })
    expect(onEnd).toHaveBeenCalled()
  })
})
