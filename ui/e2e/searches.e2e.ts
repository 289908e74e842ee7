// Saved searches: made by keyboard, deleted by mouse, and what was deleted comes back.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'

const NAME = 'Family homes by the park'
const row = (page: Page) => page.getByRole('listitem').filter({ hasText: NAME })

describe.runIf(hasChromium())('saved searches', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('say what will be there as long as there are none', async () => {
    const lead = '01a22400-0000-7000-8000-000000000000'
    await expectGoodLooks(browser, `/searches?lead=${lead}`, 'searches-empty', (page) => page.getByRole('heading', { name: 'No saved search yet' }).waitFor())
  })

  it('are made by keyboard alone', async () => {
    const { page, faults, close } = await visit(browser, '/searches')
    await page.getByRole('button', { name: 'New search' }).first().waitFor()
    await page.keyboard.press('Shift+N')
    const dialog = page.getByRole('dialog', { name: 'New saved search' })
    await dialog.waitFor()
    await page.keyboard.type(NAME)
    for (let press = 0; press < 4; press += 1) await page.keyboard.press('Tab')
    await page.keyboard.type('500,000')
    await page.keyboard.press('Tab')
    await page.keyboard.type('3')
    await expectAccessible(page)
    await picture(page, 'searches-new')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await row(page).getByText('up to $500K, 3+ bd').waitFor()
    await page.reload()
    await row(page).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('look right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/searches', 'searches', (page) => row(page).waitFor())
  })

  it('are deleted by mouse, and Undo brings them back', async () => {
    const { page, faults, close } = await visit(browser, '/searches')
    await row(page).waitFor()
    await page.getByRole('button', { name: `Delete ${NAME}` }).click()
    await row(page).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await row(page).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('are shown without changes to a role that may not make them', async () => {
    const { page, faults, close } = await visit(browser, '/searches', { role: 'read-only' })
    await row(page).waitFor()
    expect(await page.getByRole('button', { name: /Delete|New search/ }).count()).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  it('are quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/searches', (page) => row(page).waitFor())
    console.info('searches', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
