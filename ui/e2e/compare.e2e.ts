// The comparison: homes chosen in the search stand side by side; pin, remove, copy, by mouse and by keyboard.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectGoodLooks, measured, picture, speed } from './harness/checks'

const ready = (page: Page) => page.getByRole('rowheader', { name: 'Year built' }).waitFor()

describe.runIf(hasChromium())('the comparison', () => {
  let browser: Browser
  let path: string
  beforeAll(async () => {
    browser = await launch()
    const { context, close } = await visit(browser, '/icon.svg')
    const answer = await context.request.post(`${address()}/api/v1/listings/search`, { data: { market: 'demo', limit: 3 }, headers: { origin: address() } })
    const { items } = (await answer.json()) as { items: { id: string }[] }
    path = `/compare?ids=${items.map(({ id }) => id).join(',')}`
    await close()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, path, 'compare', ready)
  })

  it('is filled from the search, and Back leads there', async () => {
    const { page, faults, close } = await visit(browser, '/homes')
    const rows = page.getByRole('list', { name: 'Homes' }).getByRole('listitem')
    for (const index of [0, 2]) await rows.nth(index).getByRole('checkbox').check()
    await page.getByRole('link', { name: 'Compare them' }).click()
    await ready(page)
    expect(await page.getByRole('columnheader').count()).toBe(2)
    await page.goBack()
    await page.getByText('2 of 4 chosen').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('takes homes from their own pages, says how many of four they are, and keeps those that were chosen before', async () => {
    const ids = path.split('=')[1]?.split(',') ?? []
    const [first = '', second = ''] = ids
    const { page, faults, close } = await visit(browser, `/homes?ids=${second}`)
    await page.getByRole('list', { name: 'Homes' }).getByRole('link').first().click()
    await page.getByRole('link', { name: '1 of 4' }).waitFor()
    await page.goto(`${address()}/homes/${first}?ids=${second}`)
    await page.getByRole('button', { name: 'Compare', pressed: false }).click()
    await page.getByRole('button', { name: 'Compare', pressed: true }).waitFor()
    await page.keyboard.press('x')
    await page.getByRole('link', { name: '1 of 4' }).waitFor()
    await page.keyboard.press('x')
    await page.getByRole('link', { name: '2 of 4' }).click()
    await ready(page)
    expect(new URL(page.url()).searchParams.get('ids')).toBe(`${second},${first}`)
    expect(faults).toEqual([])
    await close()
  })

  it('keeps the names of the facts in sight on a phone, and is moved by the keyboard', async () => {
    const { page, close } = await visit(browser, path, { size: 'phone' })
    await ready(page)
    const table = page.getByRole('region', { name: 'Comparison' })
    const name = page.getByRole('rowheader', { name: 'Year built' })
    const before = await name.boundingBox()
    await table.focus()
    for (let press = 0; press < 4; press += 1) await page.keyboard.press('ArrowRight')
    await expect.poll(() => table.evaluate(({ scrollLeft }) => scrollLeft)).toBeGreaterThan(50)
    expect((await name.boundingBox())?.x).toBe(before?.x)
    await picture(page, 'compare-moved')
    await close()
  })

  it('is worked by keyboard alone, and a reload restores it', async () => {
    const { page, faults, close } = await visit(browser, path)
    await ready(page)
    const last = (await page.getByRole('columnheader').nth(2).getByRole('link').textContent()) ?? ''
    await page.getByRole('button', { name: `Pin ${last}` }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('columnheader').first().getByRole('link', { name: last }).waitFor()
    await page.getByRole('columnheader').nth(1).getByRole('button', { name: /Remove/ }).focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByRole('columnheader').count()).toBe(2)
    await page.reload()
    await ready(page)
    expect(await page.getByRole('columnheader').count()).toBe(2)
    expect(await page.getByRole('columnheader').first().getByRole('link').textContent()).toBe(last)
    expect(faults).toEqual([])
    await close()
  })

  it('says what to do when nothing was chosen', async () => {
    const { page, close } = await visit(browser, '/compare')
    await page.getByRole('link', { name: 'Choose homes' }).first().click()
    await page.waitForURL(/homes/)
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, path, ready)
    console.info('compare', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
