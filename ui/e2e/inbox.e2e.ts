// The inbox: opens, is worked by mouse and by keyboard alone, and comes back as it was.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, slowness, speed } from './harness/checks'
import { makeLead, makeTask } from './harness/desk'

const ready = (page: Page) => page.getByRole('row', { name: /score/ }).first().waitFor()

const MANY = 100_000

/** A page of a list of many leads, in the shape of the API. */
function manyLeads(search: URLSearchParams) {
  const from = Number(search.get('cursor') ?? 0)
  // More at once than the server gives, so that the test is over sooner.
  const to = Math.min(MANY, from + 2000)
  const at = '2026-01-01T00:00:00Z'
  const items = Array.from({ length: to - from }, (_, index) => {
    const n = from + index
    const id = `01a22400-0000-7000-8000-${String(n).padStart(12, '0')}`
    const step = { code: 'answer', label: 'Answer their message', due_at: null }
    return { id, name: `Lead ${n}`, score: 100 - n / 1000, tier: 'hot', top_reason: 'source: referral', next_step: step, waiting_since: at, last_interaction_at: at, created_at: at, updated_at: at, custom: {}, preferences: {}, provenance: 'api', tags: [], version: 1 }
  })
  return { items, next_cursor: to < MANY ? String(to) : null }
}

async function me(page: Page): Promise<string> {
  const answer = await page.request.get(`${address()}/api/v1/session`)
  return ((await answer.json()) as { user_id: string }).user_id
}

/** Moves the row of this name by a finger, from one place across to another. */
async function swipe(page: Page, name: string, from: number, to: number, shot?: string): Promise<void> {
  const finger = await page.context().newCDPSession(page)
  const box = await page.getByRole('row', { name }).first().boundingBox()
  const y = (box?.y ?? 0) + (box?.height ?? 0) / 2
  await finger.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: from, y }] })
  for (let step = 1; step <= 8; step += 1) await finger.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: [{ x: from + ((to - from) * step) / 8, y }] })
  if (shot !== undefined) await picture(page, shot)
  await finger.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] })
  await finger.detach()
}

describe.runIf(hasChromium())('the inbox', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/', 'inbox', ready)
  })

  it('opens a lead by mouse, and Back closes it', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await ready(page)
    await page.getByRole('row', { name: /score/ }).nth(2).click()
    await page.getByRole('complementary').getByText(/^Why/).waitFor()
    expect(page.url()).toContain('lead=')
    await page.goBack()
    await page.getByRole('complementary').waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('is worked by keyboard alone and restored by a reload', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await ready(page)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await page.getByText('1 selected').waitFor()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary')
    await panel.getByText(/^Why/).waitFor()
    const name = await panel.getByRole('heading', { level: 2 }).textContent()
    await page.reload()
    await panel.getByText(/^Why/).waitFor()
    expect(await panel.getByRole('heading', { level: 2 }).textContent()).toBe(name)
    expect(faults).toEqual([])
    await close()
  })

  it('is filtered by band, person and words; reload and Back restore it', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await ready(page)
    await page.getByRole('radio', { name: /^Warm/ }).click()
    await page.waitForURL(/band=warm/)
    await page.keyboard.press('f')
    await page.keyboard.type('mira')
    await page.waitForURL(/q=mira/)
    await page.getByRole('row', { name: /Mira .*warm/ }).first().waitFor()
    await page.reload()
    await page.getByRole('row', { name: /Mira .*warm/ }).first().waitFor()
    await page.getByRole('row', { name: /Mira .*warm/ }).first().click()
    await page.keyboard.press('o')
    await page.getByRole('heading', { level: 1, name: /^Mira/ }).waitFor()
    await page.goBack()
    await page.getByRole('row', { name: /Mira .*warm/ }).first().waitFor()
    expect(await page.getByRole('searchbox').inputValue()).toBe('mira')
    expect(faults).toEqual([])
    await close()
  })

  it('says which filter leaves nothing', async () => {
    const { page, faults, close } = await visit(browser, '/?assignee=me&q=zzzz')
    await page.getByRole('heading', { name: 'No lead fits these filters' }).waitFor()
    await picture(page, 'inbox-filtered-empty')
    await page.getByRole('button', { name: 'Clear all filters' }).click()
    await ready(page)
    expect(faults).toEqual([])
    await close()
  })

  it('assigns several by keyboard alone, and takes it back', async () => {
    const { page, faults, close } = await visit(browser, '/?sort=name')
    await ready(page)
    for (const key of ['j', 'x', 'j', 'j', 'Shift+X']) await page.keyboard.press(key)
    await page.getByText('3 selected').waitFor()
    await picture(page, 'inbox-bulk')
    await page.keyboard.press('a')
    const dialog = page.getByRole('dialog', { name: 'Assign 3 leads' })
    await dialog.waitFor()
    await dialog.getByRole('button', { name: /^Me/ }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Assigned to me: 3 leads').waitFor()
    await page.keyboard.press('Escape')
    await page.keyboard.press('z')
    const mine = `${address()}/api/v1/leads?assignee=${await me(page)}`
    await expect.poll(async () => ((await (await page.request.get(mine)).json()) as { items: unknown[] }).items.length).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  it('snoozes by keyboard alone, lists who is snoozed, and Undo wakes them', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await ready(page)
    await page.keyboard.press('j')
    const name = (await page.locator('[role=row]:focus').getAttribute('aria-label'))?.split(',')[0] ?? ''
    await page.keyboard.press('s')
    const dialog = page.getByRole('dialog', { name: `Snooze ${name}` })
    await dialog.getByRole('button', { name: /^Tomorrow morning/ }).waitFor()
    await picture(page, 'inbox-snooze')
    await expectAccessible(page)
    while (!(await dialog.getByRole('button', { name: /^Tomorrow morning/ }).evaluate((button) => button === document.activeElement))) await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('Snoozed until tomorrow 09:00').waitFor()
    await page.getByRole('row', { name }).waitFor({ state: 'detached' })
    // The next row has the focus.
    await expect.poll(() => page.evaluate(() => document.activeElement?.getAttribute('role'))).toBe('row')
    await page.getByRole('button', { name: 'Snoozed 1' }).click()
    await page.waitForURL(/snoozed=1/)
    await page.getByRole('row', { name }).getByText('tomorrow 09:00').waitFor()
    await picture(page, 'inbox-snoozed')
    await page.reload()
    await page.getByRole('row', { name }).hover()
    await page.getByRole('button', { name: `Wake ${name}` }).click()
    await page.getByRole('heading', { name: 'Nobody is snoozed' }).waitFor()
    await picture(page, 'inbox-snoozed-empty')
    await page.getByRole('button', { name: 'Show the inbox' }).click()
    await page.getByRole('row', { name }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('snoozes several by mouse', async () => {
    const { page, faults, close } = await visit(browser, '/?sort=name')
    await ready(page)
    for (const at of [0, 1]) await page.getByRole('row', { name: /score/ }).nth(at).getByRole('checkbox').check()
    await page.getByRole('toolbar', { name: 'Selected leads' }).getByRole('button', { name: /^Snooze/ }).click()
    await page.getByRole('dialog', { name: 'Snooze 2 leads' }).getByRole('button', { name: /^In two weeks/ }).click()
    await page.getByText(/^Snoozed until .*: 2 leads$/).waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await page.getByRole('button', { name: 'Snoozed 0' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('ticks off the task that is the next step: by key, by button, by swipe on a phone, and back', async () => {
    const { page, faults, close } = await visit(browser, '/icon.svg')
    const lead = await makeLead(page.request, 'Wilma Ketch')
    await makeTask(page.request, lead, 'Send the floor plan', 30)
    await makeTask(page.request, lead, 'Call about the showing', -2)
    await page.goto(`${address()}/?q=Wilma+Ketch`)
    const row = page.getByRole('row', { name: /^Wilma Ketch/ })
    await row.getByText('Do the overdue task').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('d')
    await page.getByText('Done: Call about the showing', { exact: true }).waitFor()
    await row.getByText('A task is planned').waitFor()
    await page.keyboard.press('z')
    await row.getByText('Do the overdue task').waitFor()
    await row.hover()
    await picture(page, 'inbox-done')
    await row.getByRole('button', { name: 'Done: the task with Wilma Ketch' }).click()
    await row.getByText('A task is planned').waitFor()
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await row.getByText('Do the overdue task').waitFor()
    const phone = await visit(browser, '/?q=Wilma+Ketch', { size: 'phone' })
    await phone.page.getByText('Do the overdue task').waitFor()
    await swipe(phone.page, 'Wilma Ketch', 60, 240)
    await phone.page.getByText('Done: Call about the showing', { exact: true }).waitFor()
    await phone.page.getByText('A task is planned').waitFor()
    expect([...faults, ...phone.faults]).toEqual([])
    await Promise.all([close(), phone.close()])
  })

  it('is swiped on a phone: one way to snooze, the other to log a call', async () => {
    const { page, faults, close } = await visit(browser, '/', { size: 'phone' })
    await ready(page)
    // One whose next step is no task.
    const found = await page.request.get(`${address()}/api/v1/leads?sort=-score&limit=100`)
    const { items } = (await found.json()) as { items: { name: string; next_step: { code: string } | null }[] }
    const name = items.find(({ next_step: step }) => !step?.code.endsWith('_task'))?.name ?? ''
    await page.goto(`${address()}/?q=${encodeURIComponent(name)}`)
    await page.getByRole('row', { name }).first().waitFor()
    await swipe(page, name, 320, 160, 'inbox-swipe')
    await page.getByRole('dialog', { name: /^Snooze / }).getByRole('button', { name: 'Close' }).click()
    await swipe(page, name, 60, 240)
    await page.getByRole('dialog', { name: /^Log a call/ }).getByRole('button', { name: 'Close' }).click()
    // A short move does nothing.
    await swipe(page, name, 200, 150)
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(new URL(page.url()).searchParams.get('lead')).toBeNull()
    expect(faults).toEqual([])
    await close()
  })

  it('lets what is new wait while the list is in use', async () => {
    const { page, faults, close } = await visit(browser, '/?sort=-created_at')
    await ready(page)
    await page.keyboard.press('j')
    const name = `Nell ${Date.now()}`
    const status = await page.evaluate(async (body) => (await fetch('/api/v1/leads', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })).status, JSON.stringify({ name }))
    expect(status).toBe(201)
    await page.getByRole('button', { name: /^1 new lead/ }).waitFor()
    expect(await page.getByRole('row', { name }).count()).toBe(0)
    await page.keyboard.press('n')
    await page.getByRole('row', { name }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('goes through 100,000 leads without a long task and with few nodes', measured, async () => {
    const { page, faults, close } = await visit(browser, '/icon.svg')
    await page.route((url) => url.pathname === '/api/v1/leads', (route) => route.fulfill({ json: manyLeads(new URL(route.request().url()).searchParams) }))
    await page.addInitScript(() => {
      const seen = { longest: 0 }
      Object.assign(globalThis, { seen })
      new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => (seen.longest = Math.max(seen.longest, duration)))).observe({ type: 'longtask' })
    })
    await page.goto(`${address()}/`)
    await ready(page)
    const slower = await slowness(page)
    const seen = await page.evaluate(async (all) => {
      const grid = document.querySelector('[role=grid]')
      const { seen } = globalThis as unknown as { seen: { longest: number } }
      const until = performance.now() + 50_000
      while (grid !== null && grid.scrollHeight < all * 44 && performance.now() < until) {
        grid.scrollTop = grid.scrollHeight
        await new Promise(requestAnimationFrame)
      }
      await new Promise((resolve) => setTimeout(resolve, 300))
      seen.longest = 0
      for (let step = 0; grid !== null && step < 60; step += 1) {
        grid.scrollTop = (grid.scrollHeight * ((step * 37) % 60)) / 60
        await new Promise(requestAnimationFrame)
      }
      return { height: grid?.scrollHeight ?? 0, nodes: document.querySelectorAll('*').length, longest: seen.longest }
    }, MANY)
    console.info('inbox of 100,000', { ...seen, slower })
    expect(seen.height).toBeGreaterThan(MANY * 44)
    expect(seen.nodes).toBeLessThan(1500)
    expect(Math.round(seen.longest / slower)).toBeLessThan(100)
    expect(faults).toEqual([])
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/', ready)
    console.info('inbox', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
    expect(seen.requests).toBeLessThanOrEqual(8)
  })
})
