// The reference of the API: read, tried and copied; by mouse and by keyboard.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, open, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, looks, measured, picture, speed } from './harness/checks'

const ready = (page: Page) => page.getByRole('button', { name: /List leads/ }).waitFor()
const opened = (page: Page) => page.getByRole('heading', { name: 'List leads' }).waitFor()

describe.runIf(hasChromium())('the reference', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/api-docs', 'reference', ready)
    await expectGoodLooks(browser, '/api-docs?op=leads_list', 'reference-operation', opened)
  })

  it('an operation is found, tried and left by mouse', async () => {
    const { page, faults, close } = await visit(browser, '/api-docs')
    await page.getByLabel('Find an operation').fill('get leads')
    await page.getByRole('button', { name: /List leads/ }).click()
    await opened(page)
    await page.getByLabel('tier').selectOption('hot')
    await page.getByLabel('limit').fill('2')
    await page.getByRole('button', { name: 'Send GET' }).click()
    await page.getByText(/^200/).last().waitFor()
    const answer = JSON.parse((await page.getByLabel('The answer').textContent()) ?? '') as { items: { tier: string }[] }
    expect(answer.items.map(({ tier }) => tier)).toEqual(['hot', 'hot'])
    await expectAccessible(page)
    await page.getByRole('region', { name: 'List leads' }).getByRole('button', { name: 'Page_LeadOut' }).click()
    await page.getByRole('heading', { name: 'Page_LeadOut' }).waitFor()
    await page.goBack()
    await opened(page)
    await page.goBack()
    await page.getByText('Choose an operation').waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toBe('get leads')
    expect(faults).toEqual([])
    await close()
  })

  it('a body comes filled in, and a refusal is shown as it is', async () => {
    const { page, close } = await visit(browser, '/api-docs?op=matching_match_homes')
    await page.getByRole('heading', { name: 'Match homes' }).waitFor()
    expect(await page.getByLabel('Body').last().inputValue()).toContain('preferences')
    await page.getByLabel('Body').last().fill('{')
    await page.getByRole('button', { name: 'Send POST' }).click()
    await page.getByLabel('The answer').getByText('malformed_json').waitFor()
    await close()
  })

  it('is worked by keyboard alone, copied, and restored by a reload', async () => {
    const { page, context, faults, close } = await visit(browser, '/api-docs')
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await ready(page)
    await page.keyboard.press('j')
    await page.keyboard.press('j')
    await page.keyboard.press('k')
    const name = new URL(page.url()).searchParams.get('op')
    expect(name).not.toBeNull()
    await page.reload()
    await page.getByRole('button', { name: 'Copy for a shell' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Call copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('Authorization: Bearer $LINTEL_KEY')
    await page.getByRole('heading', { level: 1 }).focus()
    await page.keyboard.press('Escape')
    await page.getByText('Choose an operation').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('is open to whoever is not signed in: read and copied, not sent', async () => {
    for (const look of looks) {
      const { page, faults, close } = await open(browser, look)
      await page.goto(`${address()}/api-docs?op=leads_list`)
      await opened(page)
      await picture(page, `reference-guest-${look.theme}-${look.size}`)
      await expectAccessible(page)
      expect(await page.getByRole('button', { name: /^Send/ }).count()).toBe(0)
      await page.getByRole('button', { name: 'Copy for a shell' }).waitFor()
      await page.getByRole('link', { name: 'Sign in' }).click()
      await page.getByLabel('Team').waitFor()
      expect(new URL(page.url()).searchParams.get('next')).toBe('/api-docs?op=leads_list')
      expect(faults).toEqual([])
      await close()
    }
  })

  it('is found at its old address, and with a slash at the end', async () => {
    const { page, faults, close } = await visit(browser, '/reference?op=leads_list')
    await opened(page)
    expect(new URL(page.url()).pathname).toBe('/api-docs')
    await page.goto(`${address()}/api-docs/?op=leads_list`)
    await opened(page)
    expect(faults).toEqual([])
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/api-docs?op=leads_list', opened)
    console.info('reference', seen)
    expect(seen.lcp).toBeLessThan(1200)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
