// The page of a lead: opens, is worked by mouse and by keyboard alone, and comes back as it was.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'
import { makeLead, record } from './harness/desk'

const ready = async (page: Page) => {
  await page.getByRole('heading', { name: /^Why \d/ }).waitFor()
  await page.getByRole('region', { name: 'Homes that fit' }).getByText('Why').first().waitFor()
}

describe.runIf(hasChromium())('the page of a lead', () => {
  let browser: Browser
  let path = ''
  beforeAll(async () => {
    browser = await launch()
    const { page, close } = await visit(browser, '/')
    const found = await page.request.get(`${address()}/api/v1/leads?sort=-score&limit=1`)
    const { items } = (await found.json()) as { items: { id: string }[] }
    path = `/leads/${items[0]?.id}`
    await close()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, path, 'lead', ready)
    await expectGoodLooks(browser, `${path}?tab=consent`, 'lead-consent', (page) => page.getByRole('form', { name: 'Record consent' }).waitFor())
  })

  it('changes a fact by mouse, and takes it back', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    const stage = page.getByRole('button', { name: /^Change stage/ })
    const before = await stage.textContent()
    await stage.click()
    await page.getByLabel('Stage', { exact: true }).fill('viewing homes')
    await page.keyboard.press('Enter')
    await page.getByText('Stage changed').waitFor()
    await page.reload()
    await ready(page)
    expect(await stage.textContent()).toContain('Viewing homes')
    await stage.click()
    await page.getByLabel('Stage', { exact: true }).fill('never saved')
    await page.keyboard.press('Escape')
    expect(await stage.textContent()).toContain('Viewing homes')
    await stage.click()
    await page.getByLabel('Stage', { exact: true }).fill('to be undone')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Undo', exact: true }).click()
    await stage.filter({ hasText: 'Viewing homes' }).waitFor()
    expect(before).not.toContain('Viewing homes')
    expect(faults).toEqual([])
    await close()
  })

  it('logs a call by keyboard alone, and the next step follows', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    await page.keyboard.press('c')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('What was said').waitFor()
    await page.keyboard.type('Wants to see the house on Saturday.')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('tabpanel').getByText('Wants to see the house on Saturday.').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('takes a note by keyboard alone, from another tab too, and keeps what is not saved', async () => {
    const { page, faults, close } = await visit(browser, `${path}?tab=consent`)
    await page.getByRole('form', { name: 'Record consent' }).waitFor()
    await page.keyboard.press('n')
    await page.getByLabel('Note', { exact: true }).waitFor()
    await page.keyboard.type('Sells the old house first.')
    await page.getByRole('tab', { name: 'Consent' }).click()
    await page.getByRole('tab', { name: 'Timeline' }).click()
    expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('Sells the old house first.')
    await page.getByLabel('Note', { exact: true }).focus()
    await picture(page, 'lead-note')
    await page.keyboard.press('Control+Enter')
    await page.getByRole('listitem').filter({ hasText: 'Note by me' }).getByText('Sells the old house first.').waitFor()
    expect(await page.getByLabel('Note', { exact: true }).inputValue()).toBe('')
    await page.reload()
    await page.getByText('Sells the old house first.').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('is snoozed and woken', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    const card = page.getByRole('region', { name: 'Next step' })
    await page.keyboard.press('s')
    await page.getByRole('dialog').getByRole('button', { name: /^In two weeks/ }).click()
    await card.getByText(/^Snoozed until/).waitFor()
    await picture(page, 'lead-snoozed')
    await card.getByRole('button', { name: 'Wake now' }).click()
    await card.getByText(/^Snoozed until/).waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('shows an earlier score, a tab and a filter, and a reload brings them back', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    await page.getByRole('slider').focus()
    for (let press = 0; press < 5; press += 1) await page.keyboard.press('ArrowLeft')
    await page.getByText(/^Score on /).waitFor()
    await page.getByRole('button', { name: 'Homes', exact: true }).click()
    await page.waitForURL(/ago=5.*only=homes|only=homes.*ago=5/)
    const figure = await page.getByRole('heading', { name: /^Why \d/ }).textContent()
    await page.reload()
    await page.getByText(/^Score on /).waitFor()
    expect(await page.getByRole('heading', { name: /^Why \d/ }).textContent()).toBe(figure)
    expect(await page.getByRole('button', { name: 'Homes', exact: true }).getAttribute('aria-pressed')).toBe('true')
    expect(faults).toEqual([])
    await close()
  })

  it('draws how the score went, and a reload draws it again', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    await page.getByRole('button', { name: 'Show how it went' }).click()
    await page.waitForURL(/course=1/)
    const chart = page.getByRole('figure', { name: /^How the score went/ })
    await chart.locator('canvas').waitFor()
    await picture(page, 'lead-course')
    await page.reload()
    await chart.getByRole('button', { name: 'Show table' }).click()
    expect(await chart.getByRole('row').count()).toBeGreaterThan(5)
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  it('says what stood out', async () => {
    const { page, faults, close } = await visit(browser, '/')
    const lead = await makeLead(page.request, 'Nils Harrow')
    const { items } = (await (await page.request.post(`${address()}/api/v1/listings/search`, { data: { market: 'demo', limit: 1 }, headers: { origin: address() } })).json()) as { items: { id: string; address: { line: string } }[] }
    const [home] = items
    await record(page.request, lead, [{ kind: 'listing_save', listing_id: home?.id }])
    await page.goto(`${address()}/leads/${lead}`)
    const part = page.getByRole('region', { name: 'What stood out' })
    await part.getByText(`Saved ${home?.address.line ?? ''}`).waitFor()
    await picture(page, 'lead-signals')
    await expectAccessible(page)
    await part.getByRole('link').click()
    await page.waitForURL(/\/homes\//)
    expect(faults).toEqual([])
    await close()
  })

  it('leads to its saved searches, and a new one begins with what the lead looks for', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    const name = await page.getByRole('heading', { level: 1 }).textContent()
    await page.getByRole('region', { name: 'Homes that fit' }).getByRole('link', { name: 'Saved searches' }).click()
    await page.getByText(`Only those of ${name}`).waitFor()
    await page.keyboard.press('Shift+N')
    const dialog = page.getByRole('dialog', { name: `New search for ${name}` })
    expect(await dialog.getByLabel('Price up to').inputValue()).toBe('755000')
    await dialog.getByRole('button', { name: 'Save the search' }).click()
    await page.getByRole('complementary', { name: `Homes for ${name}` }).getByRole('link', { name: name ?? '' }).waitFor()
    await picture(page, 'searches-lead')
    await page.getByRole('button', { name: `Delete Homes for ${name}` }).click()
    await page.getByRole('heading', { name: 'No saved search yet' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('appends to the consent ledger', async () => {
    const { page, faults, close } = await visit(browser, `${path}?tab=consent`)
    const form = page.getByRole('form', { name: 'Record consent' })
    await form.getByText('Took it back').click()
    await form.getByLabel('Where they said so').fill('on the phone')
    await form.getByRole('button', { name: 'Add to the ledger' }).click()
    await page.getByText('Calls: taken back').first().waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('is made by hand and erased again', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    await page.keyboard.press('Shift+N')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name', { exact: true }).fill('Greta Tide')
    await dialog.getByLabel('Highest price').fill('450,000')
    await dialog.getByLabel('Bedrooms, at least').fill('3')
    await picture(page, 'lead-new')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Greta Tide' }).waitFor()
    await page.getByText('up to $450,000').waitFor()
    await page.getByRole('button', { name: 'More actions' }).click()
    await page.getByRole('menuitem', { name: 'Erase the person' }).click()
    const erase = dialog.getByRole('button', { name: 'Erase for good' })
    expect(await erase.isDisabled()).toBe(true)
    await dialog.getByLabel('Type Greta Tide to confirm').fill('Greta Tide')
    await erase.click()
    await page.getByText('Greta Tide was erased').waitFor()
    expect(new URL(page.url()).pathname).toBe('/')
    expect(faults).toEqual([])
    await close()
  })

  it('leaves changes out for a role that may not make them', async () => {
    const { page, faults, close } = await visit(browser, path, { role: 'read-only' })
    await ready(page)
    expect(await page.getByRole('button', { name: /^Change |Log a call|Assign|Snooze|Add a task|Save the note/ }).count()).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, path, ready)
    console.info('lead', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
