// The inbox: opens, is worked by mouse and by keyboard alone, and comes back as it was.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launch, visit } from './harness/browser'
import { expectGoodLooks, speed } from './harness/checks'

const ready = (page: Page) => page.getByRole('row', { name: /score/ }).first().waitFor()

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

  it('is quick when nothing is cached', async () => {
    const seen = await speed(browser, '/', ready)
    console.info('inbox', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
    expect(seen.requests).toBeLessThanOrEqual(8)
  })
})
