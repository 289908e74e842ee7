// One home: its estimate and what makes it up, what-if, comparables, analyses; by mouse, by keyboard, restored.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'
import { readListing, writeListing } from './harness/listings'

const ready = (page: Page) => page.getByRole('heading', { name: /Estimated value/ }).waitFor()
const dollars = (text: string | null) => Number((text ?? '').replaceAll('\u2212', '-').replaceAll(/[^\d.-]/g, ''))

describe.runIf(hasChromium())('the page of a home', () => {
  let browser: Browser
  let path: string
  beforeAll(async () => {
    browser = await launch()
    const { context, close } = await visit(browser, '/icon.svg')
    const data = { market: 'demo', limit: 1, filters: { property_types: ['Single Family Residence'] } }
    const answer = await context.request.post(`${address()}/api/v1/listings/search`, { data, headers: { origin: address() } })
    const { items } = (await answer.json()) as { items: { id: string }[] }
    path = `/homes/${items[0]?.id ?? ''}`
    await close()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, path, 'home', ready)
  })

  it('shows amounts that add up to the value', async () => {
    const { page, close } = await visit(browser, path)
    await ready(page)
    const value = dollars(await page.getByRole('heading', { name: /Estimated value/ }).textContent())
    const amounts = await page.getByRole('region', { name: 'What moves this estimate' }).locator('dd:last-child').allTextContents()
    expect(amounts.length).toBeGreaterThan(3)
    // Each amount is rounded to a dollar.
    expect(Math.abs(amounts.map(dollars).reduce((sum, one) => sum + one, 0) - value)).toBeLessThanOrEqual(amounts.length)
    await close()
  })

  it('answers a what-if and leaves a sale out by mouse; a reload restores both', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    await page.getByLabel('Living area, sqft').fill('3000')
    await page.getByLabel('Bedrooms').click()
    await page.getByText(/from the home as it is/).waitFor()
    await page.getByRole('checkbox', { name: /^Count/ }).first().uncheck()
    await page.getByRole('heading', { name: 'Comparable sales, 7 of 8' }).waitFor()
    await page.reload()
    await page.getByText(/from the home as it is/).waitFor()
    await page.getByRole('heading', { name: 'Comparable sales, 7 of 8' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('calculates an analysis by keyboard alone and shows inputs and formulas', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    await page.locator('summary', { hasText: 'Rental yield' }).focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.type('2500')
    await page.keyboard.press('Enter')
    await page.getByText('annual_rent / price', { exact: true }).first().waitFor()
    await page.getByText('$2,500 a month', { exact: true }).waitFor()
    await expectAccessible(page)
    await picture(page, 'home-analysis')
    expect(faults).toEqual([])
    await close()
  })

  it('says whom it fits and why, and opens the lead', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    const leads = page.getByRole('table', { name: /^Interested leads/ })
    const first = leads.getByRole('link').first()
    const name = (await first.textContent()) ?? ''
    await leads.locator('summary').first().focus()
    await page.keyboard.press('Enter')
    await leads.locator('details[open] dd').first().waitFor()
    await first.scrollIntoViewIfNeeded()
    await picture(page, 'home-leads')
    await expectAccessible(page)
    await first.click()
    await page.getByRole('heading', { level: 1, name }).waitFor()
    await page.goBack()
    await leads.waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('says why no lead stands with a home that was sold, and who may see leads', async () => {
    const { context, page, fail, close } = await visit(browser, '/icon.svg')
    const data = { market: 'demo', limit: 1, filters: { status: ['closed'] } }
    const answer = await context.request.post(`${address()}/api/v1/listings/search`, { data, headers: { origin: address() } })
    const { items } = (await answer.json()) as { items: { id: string }[] }
    await page.goto(`${address()}/homes/${items[0]?.id ?? ''}`)
    await page.getByText('It is not for sale now').waitFor()
    await fail(/\/leads$/, 403)
    await page.goto(address() + path)
    await page.getByRole('heading', { name: 'The leads: not for your role' }).waitFor()
    await expectAccessible(page)
    await close()
  })

  it('is worked on by others while it is open, and shows it', async () => {
    const { context, page, faults, close } = await visit(browser, path)
    await ready(page)
    await page.getByText('Live', { exact: true }).waitFor()
    const home = await readListing(context.request, path.slice('/homes/'.length))
    await writeListing(context.request, home, { list_price: 1_234_000 })
    await page.locator('header dd', { hasText: '$1,234,000' }).waitFor()
    await writeListing(context.request, home, {})
    await page.locator('header dd', { hasText: '$1,234,000' }).waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('copies its link, with what was changed on it', async () => {
    const { page, context, faults, close } = await visit(browser, `${path}?what=bedrooms:5`)
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await ready(page)
    await page.getByRole('button', { name: 'Share' }).click()
    await page.getByRole('menuitem', { name: 'Copy link' }).click()
    await page.getByText('Link copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(page.url())
    expect(page.url()).toContain('what=bedrooms')
    expect(faults).toEqual([])
    await close()
  })

  it('leads to the map and back', async () => {
    const { page, close } = await visit(browser, path)
    await ready(page)
    await page.getByRole('link', { name: 'On the map' }).click()
    await page.waitForURL(/homes\?.*sel=/)
    await page.goBack()
    await ready(page)
    await close()
  })

  it('says that a home is not there', async () => {
    const { page, close } = await visit(browser, '/homes/00000000-0000-7000-8000-000000000000')
    await page.getByText('The home could not be found').waitFor()
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, path, ready)
    console.info('home', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
