// Shortcuts: who hears a key, and when nobody may.
import { renderHook } from '@testing-library/react'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ariaKeys, handleKey, resetChord, shortcuts, shownKeys, useShortcuts } from '~/keyboard/registry'
import { preferences } from '~/state/preferences'

beforeEach(resetChord)
afterEach(() => {
  document.body.innerHTML = ''
  preferences.set((before) => ({ ...before, singleKeys: true }))
})

function press(key: string, more: KeyboardEventInit = {}, target: Element = document.body): boolean {
  let heard = false
  const listen = (event: Event) => {
    heard = handleKey(event as KeyboardEvent)
  }
  window.addEventListener('keydown', listen, { once: true })
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more }))
  return heard
}

function use(keys: string, inFields = false) {
  const run = vi.fn()
  const hook = renderHook(() => useShortcuts([{ keys, label: keys, group: 'Test', run, inFields }]))
  return { run, ...hook }
}

it('a letter is heard as long as its component is there', () => {
  const { run, unmount } = use('j')
  expect(press('j')).toBe(true)
  expect(run).toHaveBeenCalledTimes(1)
  unmount()
  expect(press('j')).toBe(false)
  expect(shortcuts.get()).toEqual([])
})

it('two letters one after the other are a chord', () => {
  const { run } = use('g i')
  press('g')
  press('i')
  expect(run).toHaveBeenCalledTimes(1)
  press('i')
  expect(run).toHaveBeenCalledTimes(1)
})

it('nothing is heard in a field, unless it asks for it', () => {
  const field = document.body.appendChild(document.createElement('input'))
  const letter = use('j')
  const search = use('mod+k', true)
  press('j', {}, field)
  press('k', { ctrlKey: true }, field)
  expect(letter.run).not.toHaveBeenCalled()
  expect(search.run).toHaveBeenCalledTimes(1)
})

it('an open dialog has the keyboard to itself', () => {
  const { run } = use('j')
  document.body.appendChild(document.createElement('dialog')).setAttribute('open', '')
  expect(press('j')).toBe(false)
  expect(run).not.toHaveBeenCalled()
})

it('single keys can be turned off, combinations stay', () => {
  preferences.set((before) => ({ ...before, singleKeys: false }))
  const letter = use('j')
  const search = use('mod+k')
  press('j')
  press('k', { metaKey: true })
  expect(letter.run).not.toHaveBeenCalled()
  expect(search.run).toHaveBeenCalledTimes(1)
})

it('shift is part of a letter but not of a sign', () => {
  const letter = use('shift+x')
  const sign = use('?')
  press('X', { shiftKey: true })
  press('?', { shiftKey: true })
  expect([letter.run, sign.run].map((run) => run.mock.calls.length)).toEqual([1, 1])
})

it('keys are written for people and for screen readers', () => {
  expect(shownKeys('g i')).toBe('G then I')
  expect(shownKeys('shift+x')).toBe('Shift\u00A0X')
  expect(ariaKeys('mod+k')).toBe('Control+K Meta+K')
  expect(ariaKeys('g i')).toBeUndefined()
})
