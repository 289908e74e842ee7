// Saved searches: made, changed, paused and tested by keyboard and by mouse; what was deleted comes back.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'

const NAME = 'Family homes by the park'
const row = (page: Page, name = NAME) => page.getByRole('row', { name: new RegExp(`^${name}`) })
const panel = (page: Page, name = NAME) => page.getByRole('complementary', { name })

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
    await panel(page).getByText('up to $500K, 3+ bd').waitFor()
    await page.reload()
    await panel(page).getByText(/in the last 30 days$/).waitFor()
    await page.keyboard.press('Escape')
    await panel(page).waitFor({ state: 'detached' })
    await row(page).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('look right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/searches', 'searches', (page) => row(page).waitFor())
  })

  it('say what they would have told of; the days are in the address', async () => {
    const { page, faults, close } = await visit(browser, '/searches')
    await row(page).click()
    await panel(page).getByText(/in the last 30 days$/).waitFor()
    await panel(page).getByText('90 days').click()
    await page.waitForURL(/days=90/)
    await panel(page).getByText(/in the last 90 days$/).waitFor()
    const path = new URL(page.url())
    await page.goBack()
    await panel(page).waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
    await expectGoodLooks(browser, path.pathname + path.search, 'searches-panel', (other) => panel(other).getByText(/in the last 90 days$/).waitFor())
  })

  it('are paused, resumed and changed by keyboard alone', async () => {
    const { page, faults, close } = await visit(browser, '/searches')
    await row(page).waitFor()
    await page.keyboard.press('j')
    while (!((await page.locator('[role=row]:focus').getAttribute('aria-label')) ?? '').startsWith(NAME)) await page.keyboard.press('j')
    await page.keyboard.press('p')
    await row(page).getByText('Paused').waitFor()
    await page.keyboard.press('Enter')
    await panel(page).getByText(/^Paused: it does not watch/).waitFor()
    await picture(page, 'searches-paused')
    await page.keyboard.press('p')
    await panel(page).getByRole('button', { name: /^Pause/ }).waitFor()
    await page.keyboard.press('e')
    const dialog = page.getByRole('dialog', { name: 'Change the search' })
    await dialog.getByLabel('Price up to').fill('450000')
    await dialog.getByLabel('Tell of what it finds').selectOption('weekly')
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Save the search' }).click({ timeout: 1000 }).catch(() => undefined)
    await dialog.waitFor({ state: 'detached' })
    await panel(page).getByText('up to $450K, 3+ bd').waitFor()
    await row(page).getByText('Once a week').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('say so when they never matched', async () => {
    const { page, faults, close } = await visit(browser, '/searches?new=1')
    await page.getByLabel('Name', { exact: true }).fill('A castle for nothing')
    await page.getByLabel('Price up to').fill('1')
    await page.getByRole('button', { name: 'Save the search' }).click()
    const shown = panel(page, 'A castle for nothing')
    await shown.getByRole('heading', { name: 'Never matched' }).waitFor()
    await picture(page, 'searches-never')
    await shown.getByRole('button', { name: 'Delete A castle for nothing' }).click()
    await row(page, 'A castle for nothing').waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('are deleted by mouse, and Undo brings them back', async () => {
    const { page, faults, close } = await visit(browser, '/searches')
    await row(page).click()
    await page.getByRole('button', { name: `Delete ${NAME}` }).click()
    await row(page).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await row(page).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('lead to the map with the same conditions', async () => {
    const { page, faults, close } = await visit(browser, '/searches')
    await row(page).click()
    await panel(page).getByRole('link', { name: 'Show on the map' }).click()
    await page.waitForURL(/\/homes\?.*price=-450000.*beds=3-|\/homes\?.*beds=3-.*price=-450000/)
    await page.goBack()
    await panel(page).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('are shown without changes to a role that may not make them', async () => {
    const { page, faults, close } = await visit(browser, '/searches', { role: 'read-only' })
    await row(page).click()
    await panel(page).getByText(/in the last 30 days$/).waitFor()
    expect(await page.getByRole('button', { name: /Delete|New search|Change|Pause/ }).count()).toBe(0)
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
