// Performance: charts of the hour, routes, store, jobs, readers; by mouse, by keyboard, restored, and for whom it is.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'

const ready = async (page: Page) => {
  await page.getByRole('region', { name: 'Routes' }).getByRole('row').nth(1).waitFor()
  await page.locator('.uplot canvas').nth(5).waitFor()
}

describe.runIf(hasChromium())('performance', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
    // The first sample is taken ten seconds after the start.
    const { page, close } = await visit(browser, '/performance')
    await page.locator('.uplot canvas').nth(5).waitFor()
    await close()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/performance', 'performance', ready)
  })

  it('is worked by mouse: a span, its table, the order of routes, and Back', async () => {
    const { page, faults, close } = await visit(browser, '/performance')
    await ready(page)
    const box = await page.locator('.u-over').first().boundingBox()
    if (box === null) throw new Error('no chart')
    await page.mouse.move(box.x + 10, box.y + 50)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width - 10, box.y + 60, { steps: 4 })
    await page.mouse.up()
    await page.getByText(/^From .* to /).waitFor()
    expect(new URL(page.url()).searchParams.get('from')).toMatch(/^2/)
    await page.goBack()
    await page.getByText('The last hour; drag over a chart').waitFor()
    await page.getByText('Slowest', { exact: true }).click()
    expect(new URL(page.url()).searchParams.get('sort')).toBe('slowest')
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download CSV' }).click()])
    expect(file.suggestedFilename()).toBe('routes.csv')
    await page.getByRole('button', { name: 'Show table' }).first().click()
    await page.getByRole('region', { name: 'Answers as a table' }).getByRole('row').nth(1).waitFor()
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  it('is worked by keyboard alone and restored by a reload', async () => {
    const { page, faults, close } = await visit(browser, '/settings')
    await page.getByText('Appearance').waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press('p')
    await ready(page)
    await page.getByRole('radio', { name: '10 s' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.waitForURL(/every=30/)
    await page.getByRole('radio', { name: 'Busiest' }).focus()
    await page.keyboard.press('ArrowLeft')
    await page.waitForURL(/sort=failing/)
    await page.reload()
    await ready(page)
    expect(await page.getByRole('radio', { name: '30 s' }).isChecked()).toBe(true)
    expect(await page.getByRole('radio', { name: 'Failing' }).isChecked()).toBe(true)
    expect(faults).toEqual([])
    await close()
  })

  it('tells how a page felt once it is hidden, by its pattern', async () => {
    const before = await visit(browser, '/performance')
    await ready(before.page)
    const field = before.page.getByRole('region', { name: 'In the field', exact: true })
    const row = field.getByRole('row', { name: /^\/tasks/ })
    // Other tests may have left that page before.
    const views = async () => (await row.count()) === 0 ? 0 : Number(await row.getByRole('cell').first().textContent())
    const first = await views()
    const { page, faults, close } = await visit(browser, '/tasks?state=done', { role: 'agent' })
    await page.getByRole('heading', { level: 1, name: 'Tasks' }).waitFor()
    await page.waitForFunction(() => performance.getEntriesByType('resource').some(({ name }) => name.includes('/assets/vitals-')))
    // Leaving for another page hides it. What is sent then outlives the page, and nothing here hears of the answer.
    await page.goto(`${address()}/icon.svg`)
    await expect.poll(async () => {
      await before.page.reload()
      await ready(before.page)
      return await views()
    }, { timeout: 15_000 }).toBe(first + 1)
    expect(faults).toEqual([])
    await close()
    expect(await row.getByRole('cell').nth(1).textContent()).toMatch(/^[\d.]+ (?:ms|s) within$/)
    await field.scrollIntoViewIfNeeded()
    await picture(before.page, 'performance-field')
    await expectAccessible(before.page)
    expect(before.faults).toEqual([])
    await before.close()
  })

  it('says that a span has no samples, and leads to the last hour', async () => {
    const { page, faults, close } = await visit(browser, '/performance?from=2020-01-01T00:00:00.000Z&to=2020-01-01T01:00:00.000Z')
    await page.getByRole('heading', { name: 'No samples in this span' }).waitFor()
    await picture(page, 'performance-empty')
    await page.getByRole('button', { name: 'The last hour' }).first().click()
    await ready(page)
    expect(faults).toEqual([])
    await close()
  })

  it('keeps the rest when a part fails, and Retry mends it', async () => {
    const { page, fail, close } = await visit(browser, '/settings')
    await page.getByText('Appearance').waitFor()
    await fail(/\/performance\/summary$/, 500)
    await page.goto(new URL('/performance', page.url()).href)
    await page.getByRole('heading', { name: 'The figures could not be loaded' }).waitFor()
    await page.locator('.uplot canvas').nth(5).waitFor()
    await picture(page, 'performance-failed')
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Retry' }).click()
    await ready(page)
    await close()
  })

  it('an agent is told who may', async () => {
    const { page, requests, close } = await visit(browser, '/performance', { role: 'agent' })
    await page.getByText('It needs the role admin or higher').waitFor()
    expect(requests.filter((path) => path.includes('/performance/'))).toEqual([])
    await picture(page, 'performance-forbidden')
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/performance', ready)
    console.info('performance', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
