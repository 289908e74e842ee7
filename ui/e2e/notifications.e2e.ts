// Notifications: they come while the page is open, are read by keyboard and by mouse, and lead to what they are about.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'
import { handTo, makeLead, makeTask } from './harness/desk'

const row = (page: Page, text: string) => page.getByRole('listitem').filter({ hasText: text })
const bell = (page: Page) => page.getByRole('button', { name: /^Notifications/ })

async function me(page: Page): Promise<string> {
  const answer = await page.request.get(`${address()}/api/v1/session`)
  return ((await answer.json()) as { user_id: string }).user_id
}

describe.runIf(hasChromium())('notifications', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('say what will be there as long as there are none', async () => {
    const { page, faults, close } = await visit(browser, '/notifications', { role: 'read-only' })
    await page.getByRole('heading', { name: 'Nothing yet' }).waitFor()
    await picture(page, 'notifications-empty')
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  it('come while the page is open, and are opened by keyboard alone', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await page.getByText('Live', { exact: true }).waitFor()
    const lead = await makeLead(page.request, 'Juno Marsh')
    await handTo(page.request, lead, await me(page))
    await page.getByRole('button', { name: /^Notifications, \d+ not read$/ }).focus()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('dialog', { name: 'Notifications' })
    await row(page, 'Juno Marsh').first().waitFor()
    await picture(page, 'notifications-panel')
    await expectAccessible(page)
    const unread = async () => Number(/\d+/.exec((await bell(page).getAttribute('aria-label')) ?? '')?.[0] ?? 0)
    const before = await unread()
    await panel.getByRole('button', { name: /^Not read: .*Juno Marsh/ }).first().focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Juno Marsh' }).waitFor()
    await expect.poll(unread).toBe(before - 1)
    await page.goBack()
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('tell of a task when it is due, and look right in both themes and sizes', async () => {
    const { page, faults, close } = await visit(browser, '/notifications')
    const lead = await makeLead(page.request, 'Abel North')
    await handTo(page.request, lead, await me(page))
    await makeTask(page.request, lead, 'Return the keys', 2 / 3600)
    await row(page, 'Return the keys').waitFor()
    await expect.poll(() => bell(page).getAttribute('aria-label')).toMatch(/not read$/)
    expect(faults).toEqual([])
    await close()
    await expectGoodLooks(browser, '/notifications', 'notifications', (other) => row(other, 'Return the keys').waitFor())
  })

  it('are marked as read by keyboard and by mouse; a reload keeps the filter', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('n')
    await row(page, 'Return the keys').waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    const first = page.locator('[data-notification]').first()
    await expect.poll(() => first.getAttribute('data-new')).toBe('false')
    await page.getByText('Not read', { exact: true }).last().click()
    await page.waitForURL(/show=unread/)
    await page.reload()
    await row(page, 'Abel North').first().waitFor()
    await page.getByRole('button', { name: 'Mark all as read' }).click()
    await page.getByRole('button', { name: 'Mark all as read' }).waitFor({ state: 'detached' })
    await page.getByRole('heading', { name: 'All is read' }).waitFor()
    await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('say what failed, and Retry helps', async () => {
    const { page, faults, fail, close } = await visit(browser, '/icon.svg')
    await fail(/\/api\/v1\/notifications$/, 500)
    await page.goto(`${address()}/notifications`)
    await page.getByRole('heading', { name: 'The notifications could not be loaded' }).waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Retry' }).click()
    await row(page, 'Return the keys').waitFor()
    expect(faults.filter((fault) => !fault.includes('500'))).toEqual([])
    await close()
  })

  it('are quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/notifications', (page) => row(page, 'Return the keys').waitFor())
    console.info('notifications', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
