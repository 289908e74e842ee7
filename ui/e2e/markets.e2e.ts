// Markets: the list, a market with its forecast, its table and its file; by mouse, by keyboard, and as it was.
import { readFile } from 'node:fs/promises'
import type { Browser, Download, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'
import { importFile, seriesFile } from './harness/files'

const listed = (page: Page) => page.getByRole('row', { name: /for sale/ }).first().waitFor()
// The chart is drawn, and the forecast is made.
const drawn = async (page: Page) => {
  await page.locator('.uplot canvas').first().waitFor()
  await page.getByText('Tested on the past').waitFor()
}

/** Opens a menu of downloads and takes one of them. */
async function saved(page: Page, menu: Locator, which: RegExp): Promise<Download> {
  await menu.click()
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: which }).click()])
  return file
}

describe.runIf(hasChromium())('markets', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
    const { context, close } = await visit(browser, '/icon.svg')
    await importFile(context.request, 'series', seriesFile('demo'), 'series.csv')
    await close()
  })
  afterAll(() => browser.close())

  it('the list looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/markets', 'markets', listed)
  })

  it('a market looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/markets/demo', 'market', drawn)
  })

  it('is worked by mouse: another series, a span, the table, the file, and Back', async () => {
    const { page, faults, close } = await visit(browser, '/markets')
    await page.getByRole('row', { name: /^demo/i }).click()
    await drawn(page)
    await page.getByText('Median price', { exact: true }).first().click()
    await page.getByRole('heading', { name: /^Median price/ }).waitFor()
    expect(new URL(page.url()).searchParams.get('metric')).toBe('median_price')
    await page.getByText('3 years').click()
    expect(new URL(page.url()).searchParams.get('from')).toBe('2022-12-01')
    await page.getByRole('button', { name: 'Show table' }).first().click()
    const table = page.getByRole('region', { name: 'Median price as a table' })
    await table.getByRole('row', { name: /^Dec 2025/ }).waitFor()
    // 37 months from December to December, twelve that are expected, and the heading.
    expect(await table.getByRole('row').count()).toBe(50)
    await expectAccessible(page)
    const file = await saved(page, page.getByRole('button', { name: 'Download' }).first(), /^CSV/)
    expect(file.suggestedFilename()).toBe('demo-median_price.csv')
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
    expect(lines[0]).toBe('period,median_price,forecast_mean,forecast_lower80,forecast_upper80')
    expect(lines).toHaveLength(50)
    const columnar = await saved(page, page.getByRole('button', { name: 'Download' }).first(), /^Parquet/)
    expect(columnar.suggestedFilename()).toBe('demo-median_price.parquet')
    const parquet = await readFile(await columnar.path())
    expect([parquet.subarray(0, 4).toString(), parquet.subarray(-4).toString()]).toEqual(['PAR1', 'PAR1'])
    await page.goBack()
    expect(new URL(page.url()).searchParams.get('from')).toBeNull()
    expect(faults).toEqual([])
    await close()
  })

  it('has another market beside it, and its link shows the same to others', async () => {
    const { context, page, faults, close } = await visit(browser, '/markets/demo?metric=median_price')
    await importFile(context.request, 'series', seriesFile('elsewhere'), 'elsewhere.csv')
    await page.reload()
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await drawn(page)
    await page.getByText('3 years').click()
    await page.getByLabel('Beside').selectOption('elsewhere')
    await page.locator('figure li', { hasText: 'elsewhere $' }).waitFor()
    await page.getByRole('button', { name: 'Copy link' }).click()
    await page.getByText('Link copied').waitFor()
    const link = await page.evaluate(() => navigator.clipboard.readText())
    await page.goto('about:blank')
    await page.goto(link)
    await page.locator('figure li', { hasText: 'elsewhere $' }).waitFor()
    expect(await page.getByRole('radio', { name: '3 years' }).isChecked()).toBe(true)
    // A market of series alone has no estimates, which is no failure.
    await page.goto(`${address()}/markets/elsewhere`)
    await page.getByText('No study yet: the market has no homes.').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('a drag over the chart is a span, and Show all goes back', async () => {
    const { page, close } = await visit(browser, '/markets/demo?metric=median_price')
    await drawn(page)
    const box = await page.locator('.u-over').first().boundingBox()
    if (box === null) throw new Error('no chart')
    await page.mouse.move(box.x + box.width * 0.3, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.6, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('button', { name: 'Show all' }).waitFor({ state: 'detached' })
    await close()
  })

  it('is worked by keyboard alone and restored by a reload', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await page.getByRole('row').first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('m')
    await listed(page)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await drawn(page)
    await page.getByRole('radio', { name: 'Days on market' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.getByRole('heading', { name: /^Median price/ }).waitFor()
    await page.getByRole('radio', { name: 'All', exact: true }).focus()
    await page.keyboard.press('ArrowLeft')
    const address = page.url()
    expect(new URL(address).searchParams.get('from')).toBe('2015-12-01')
    await page.reload()
    await drawn(page)
    expect(page.url()).toBe(address)
    expect(await page.getByRole('radio', { name: '10 years' }).isChecked()).toBe(true)
    expect(faults).toEqual([])
    await close()
  })

  it('tells what homes sold for in an area of one’s own, and a reload restores it', async () => {
    const { page, faults, close } = await visit(browser, '/markets/demo')
    await drawn(page)
    const own = page.getByRole('region', { name: 'An area of your own' })
    await own.scrollIntoViewIfNeeded()
    await own.getByRole('heading', { name: /^Sold: median price/ }).waitFor()
    await own.getByTestId('area-map').locator('canvas').waitFor()
    await expect.poll(() => own.getByRole('button', { name: 'Draw an area' }).isEnabled()).toBe(true)
    await own.getByRole('button', { name: 'Draw an area' }).focus()
    await page.keyboard.press('Enter')
    const far = (arrow: string, times: number) => Array.from({ length: times }, () => `Shift+${arrow}`)
    for (const key of [...far('ArrowLeft', 3), ...far('ArrowUp', 2), 'Enter', ...far('ArrowRight', 6), 'Enter', ...far('ArrowDown', 4), 'Enter', ...far('ArrowLeft', 6), 'Enter', 'f']) await page.keyboard.press(key)
    await page.waitForURL(/poly=/)
    await own.getByText(/ in the area, .* in the whole market/).waitFor()
    await own.getByText('Per sq ft', { exact: true }).click()
    await page.waitForURL(/sold=price_per_sqft/)
    await own.getByRole('heading', { name: /per sq ft/ }).waitFor()
    await own.evaluate((region) => region.scrollIntoView())
    await picture(page, 'market-area')
    await expectAccessible(page)
    const file = await saved(page, own.getByRole('button', { name: 'Download' }), /^CSV/)
    expect(file.suggestedFilename()).toBe('demo-area-sales.csv')
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
    expect(lines[0]).toMatch(/^period,area_sales,area_suppressed,area_median_price,/)
    expect(lines).toHaveLength(37)
    await own.getByRole('button', { name: 'Show table' }).click()
    // Of each month it is said of how many sales it is.
    await own.getByRole('rowheader', { name: /^[A-Z][a-z]+ \d{4}: \d+ sales?, market \d+/ }).first().waitFor()
    const said = await own.getByText(/ in the area, .* in the whole market/).textContent()
    const address = page.url()
    await page.reload()
    await drawn(page)
    expect(page.url()).toBe(address)
    await own.scrollIntoViewIfNeeded()
    await own.getByText(said ?? '').waitFor()
    expect(await own.getByRole('radio', { name: 'Per sq ft' }).isChecked()).toBe(true)
    await own.getByRole('button', { name: '1 area' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('an unknown market says so', async () => {
    const { page, close } = await visit(browser, '/markets/nowhere')
    await page.getByText('The market could not be found').waitFor()
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/markets/demo?metric=median_price', drawn)
    console.info('market', seen)
    expect(seen.lcp).toBeLessThan(1200)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
