// The palette: anything by a few letters, with a wrong one among them; by keyboard alone, and by mouse.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, looks, picture } from './harness/checks'

const open = async (page: Page, text: string) => {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.keyboard.press('Control+k')
  await page.getByPlaceholder(/person/).waitFor()
  await page.keyboard.type(text)
}

/** The longest word of a name. */
const wordOf = (name: string) => name.split(' ').reduce((best, word) => (word.length > best.length ? word : best))

/** The word with its third letter wrong. */
const wrong = (word: string) => word.slice(0, 2) + (word[2] === 'x' ? 'y' : 'x') + word.slice(3)

describe.runIf(hasChromium())('the palette', () => {
  let browser: Browser
  let lead: { id: string; name: string }
  let home: { id: string; address: { line: string } }
  beforeAll(async () => {
    browser = await launch()
    const { context, close } = await visit(browser, '/icon.svg')
    const leads = (await (await context.request.get(`${address()}/api/v1/leads?limit=50&sort=-score`)).json()) as { items: (typeof lead)[] }
    lead = leads.items.reduce((best, one) => (wordOf(one.name).length > wordOf(best.name).length ? one : best))
    const data = { market: 'demo', limit: 1 }
    const homes = (await (await context.request.post(`${address()}/api/v1/listings/search`, { data, headers: { origin: address() } })).json()) as { items: (typeof home)[] }
    if (homes.items[0] === undefined) throw new Error('there is no home')
    home = homes.items[0]
    await close()
  })
  afterAll(() => browser.close())

  it('finds a person with a wrong letter, and looks right in both themes and sizes', async () => {
    for (const look of looks) {
      const { page, faults, close } = await visit(browser, '/settings', look)
      await open(page, lead.name.replace(wordOf(lead.name), wrong))
      await page.getByRole('option', { name: new RegExp(lead.name) }).first().waitFor()
      await picture(page, `palette-${look.theme}-${look.size}`)
      await expectAccessible(page)
      await page.keyboard.press('Enter')
      await page.waitForURL((url) => url.searchParams.has('lead'))
      expect(faults).toEqual([])
      await close()
    }
  })

  it('finds a home by its address and a market by its beginning, by keyboard alone; Back returns', async () => {
    const { page, faults, close } = await visit(browser, '/settings')
    await open(page, home.address.line)
    const option = page.getByRole('group', { name: 'Homes' }).getByRole('option', { name: new RegExp(home.address.line) }).first()
    await option.waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/homes\//)
    await page.getByRole('heading', { level: 1, name: home.address.line }).waitFor()
    await page.goBack()
    await page.getByText('Appearance').waitFor()
    await open(page, 'dem')
    await page.getByRole('group', { name: 'Markets' }).getByRole('option').first().click()
    await page.waitForURL(/\/markets\/demo/)
    expect(faults).toEqual([])
    await close()
  })

  it('has pages first for who types how one begins', async () => {
    const { page, close } = await visit(browser, '/settings')
    await open(page, 'mark')
    await page.getByRole('option').first().and(page.getByRole('option', { name: /^Markets/ })).waitFor()
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/markets$/)
    await close()
  })

  it('says that nothing was found, and that the search failed', async () => {
    const { page, fail, close } = await visit(browser, '/settings')
    await open(page, 'zzqqxxjj')
    await page.getByText('Nothing found. Try fewer letters.').waitFor()
    await picture(page, 'palette-empty')
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await fail(/^\/api\/v1\/search$/, 500)
    await open(page, 'qqzzjjxx')
    await page.getByText('The search failed. Pages are found all the same.').waitFor()
    await close()
  })
})
