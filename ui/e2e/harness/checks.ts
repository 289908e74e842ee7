// What every page has to pass: accessibility, pictures, speed.
import { mkdir, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, Locator, Page } from 'playwright-core'
import { expect } from 'vitest'
import { address, visit, type Look } from './browser'

const axeSource = readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const pictures = join(import.meta.dirname, '../pictures')

interface AxeResult {
  violations: { id: string; help: string; nodes: { html: string; failureSummary?: string }[] }[]
}

/** Fails with what axe finds on the page as it is. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(await axeSource)
  const result = await page.evaluate(
    (tags) => (globalThis as unknown as { axe: { run: (root: Document, options: object) => Promise<AxeResult> } }).axe.run(document, { runOnly: tags }),
    TAGS,
  )
  const found = result.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary ?? ''}`))
  expect(found).toEqual([])
}

/** A picture in e2e/pictures, for people to look at. */
export async function picture(page: Page, name: string): Promise<void> {
  await mkdir(pictures, { recursive: true })
  await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' })
}

export const looks = [
  { theme: 'light', size: 'desk' },
  { theme: 'dark', size: 'desk' },
  { theme: 'light', size: 'phone' },
  { theme: 'dark', size: 'phone' },
] as const satisfies Look[]

/** Opens a path in both themes and sizes; each time `ready` has to come true, axe finds nothing, a picture is taken. */
export async function expectGoodLooks(browser: Browser, path: string, name: string, ready: (page: Page) => Promise<unknown>): Promise<void> {
  for (const look of looks) {
    const { page, faults, close } = await visit(browser, path, look)
    await ready(page)
    await picture(page, `${name}-${look.theme}-${look.size}`)
    await expectAccessible(page)
    await expectReflow(page)
    expect(faults).toEqual([])
    await close()
  }
}

/** Goes by Tab alone to an element, which must then be in sight; fails when Tab does not lead there. */
export async function tabTo(page: Page, target: Locator, most = 60): Promise<void> {
  for (let step = 0; step < most; step += 1) {
    const there = await target.first().evaluate((element) => element === document.activeElement).catch(() => false)
    if (there) {
      expect(await isInSight(page), 'the focus is covered').toBe(true)
      return
    }
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not lead to ${String(target)}`)
}

/** Whether the middle of what has the focus can be seen (WCAG 2.4.11). */
function isInSight(page: Page): Promise<boolean> {
  return page.evaluate(() => {
    const element = document.activeElement
    if (element === null) return false
    const { left, top, width, height } = element.getBoundingClientRect()
    const seen = document.elementFromPoint(left + width / 2, top + height / 2)
    return seen !== null && (element.contains(seen) || seen.contains(element))
  })
}

/** Nothing but panes of their own scrolls sideways. */
async function expectReflow(page: Page): Promise<void> {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(over, 'the page scrolls sideways').toBeLessThanOrEqual(0)
}

export interface Speed {
  lcp: number
  cls: number
  /** The longest task after the first paint, in ms. */
  longest: number
  /**
   * Requests before the first paint, the page's own among them, without the live stream. The least of the loads: what the
   * page asks for once it is drawn sometimes starts before the screen shows it.
   */
  requests: number
  /** The times were divided by this: how much slower than the reference the machine was. */
  slower: number
}

const LOADS = 5

/** Of a test that measures time: what something else on the machine spoiled is measured again. */
export const measured = { retry: 4 }

/** What `work` takes on a quiet machine of two cores, in ms. */
const REFERENCE = 30

/** How much slower than the reference the machine may be said to be: beyond that, it is the page that is slow. */
const MOST_SLOWER = 2

/** A piece of work that is always the same: strings, a sort, JSON. In ms. */
function work(): number {
  const begin = performance.now()
  const parts = Array.from({ length: 20_000 }, (_, k) => ({ key: k % 97, text: String(k) }))
  parts.sort((a, b) => a.key - b.key || (a.text < b.text ? -1 : 1))
  JSON.parse(JSON.stringify(parts))
  return performance.now() - begin
}

/**
 * How many times slower than the reference the machine is at this moment, and at least 1: other tenants of a shared one take up
 * to half of it, for minutes on end.
 */
export async function slowness(page: Page): Promise<number> {
  const times: number[] = []
  for (let turn = 0; turn < 3; turn += 1) times.push(await page.evaluate(work))
  const median = times.sort((a, b) => a - b)[1] ?? REFERENCE
  return Math.min(MOST_SLOWER, Math.max(1, Math.round((100 * median) / REFERENCE) / 100))
}

/** The third quartile of five cold loads, in the time of a machine as quick as the reference. */
export async function speed(browser: Browser, path: string, ready: (page: Page) => Promise<unknown>): Promise<Speed> {
  const all: Speed[] = []
  for (let load = 0; load < LOADS; load += 1) all.push(await coldLoad(browser, path, ready))
  const p75 = (of: (one: Speed) => number) => all.map(of).sort((a, b) => a - b)[Math.ceil(0.75 * LOADS) - 1] ?? 0
  return { lcp: p75((one) => one.lcp), cls: p75((one) => one.cls), longest: p75((one) => one.longest), requests: Math.min(...all.map((one) => one.requests)), slower: p75((one) => one.slower) }
}

async function coldLoad(browser: Browser, path: string, ready: (page: Page) => Promise<unknown>): Promise<Speed> {
  // The visit signs in and warms nothing: its context is new, and so are its caches.
  const { page, close } = await visit(browser, '/icon.svg')
  await page.addInitScript(() => {
    const seen = { lcp: 0, cls: 0, longest: 0 }
    Object.assign(globalThis, { seen })
    const watch = (type: string, take: (entry: PerformanceEntry & { value?: number; hadRecentInput?: boolean }) => void) =>
      new PerformanceObserver((list) => list.getEntries().forEach(take)).observe({ type, buffered: true })
    watch('largest-contentful-paint', (entry) => (seen.lcp = entry.startTime))
    watch('layout-shift', (entry) => (seen.cls += entry.hadRecentInput === true ? 0 : (entry.value ?? 0)))
    watch('longtask', (entry) => (seen.longest = Math.max(seen.longest, seen.lcp > 0 ? entry.duration : 0)))
  })
  const slower = await slowness(page)
  await page.goto(address() + path)
  await ready(page)
  await page.waitForTimeout(500)
  const seen = await page.evaluate(() => {
    const { seen } = globalThis as unknown as { seen: Omit<Speed, 'requests' | 'slower'> }
    const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0
    const before = performance.getEntriesByType('resource').filter((one) => one.startTime < painted && !/\/events|\/icon\.svg/.test(one.name))
    return { ...seen, requests: before.length + 1 }
  })
  await close()
  return { ...seen, lcp: Math.round(seen.lcp / slower), longest: Math.round(seen.longest / slower), slower }
}
