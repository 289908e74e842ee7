// Import: a file is checked, corrected, imported and taken back; by mouse and by keyboard.
import { readFile } from 'node:fs/promises'
import type { Browser, FileChooser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed, tabTo } from './harness/checks'

const ready = (page: Page) => page.getByRole('heading', { name: 'Imports so far' }).waitFor()

/** A century of days of so many series: large enough to be seen on its way. */
function days(series: number): { name: string; mimeType: string; buffer: Buffer } {
  const rows = ['market,metric,period,value']
  for (let day = new Date('1920-01-01T00:00:00Z'), n = 0; n < 36_500; n += 1, day.setUTCDate(day.getUTCDate() + 1)) {
    const period = day.toISOString().slice(0, 10)
    for (let one = 0; one < series; one += 1) rows.push(`longtown,series_${one},${period},${n + one}`)
  }
  return { name: 'days.csv', mimeType: 'text/csv', buffer: Buffer.from(rows.join('\n')) }
}

/** A file of leads in the manner of another program; each seventh has a budget that is no number. */
function leads(prefix: string): { name: string; mimeType: string; buffer: Buffer } {
  const rows = Array.from({ length: 70 }, (_, at) => `${prefix}${at},"Doe, Ann ${at}",${prefix}${at}@mail.example,${at % 7 === 3 ? 'a lot' : 400_000 + at * 1000},red`)
  return { name: `${prefix}.csv`, mimeType: 'text/csv', buffer: Buffer.from(['Prospect ID,Full Name,E-mail address,Budget,Door colour', ...rows].join('\n')) }
}

describe.runIf(hasChromium())('import', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/import', 'import', ready)
  })

  it('a file is checked, corrected, imported and taken back by mouse', async () => {
    const { page, faults, close } = await visit(browser, '/import')
    await ready(page)
    await page.getByText('Leads', { exact: true }).last().click()
    await page.getByText('People who look for a home').waitFor()
    await page.locator('input[type=file]').setInputFiles(leads('mouse'))
    await page.getByRole('button', { name: 'Import 60 rows' }).waitFor()
    // The guesses are shown, and the rows that would be rejected with their reason.
    expect(await page.getByLabel('What Full Name becomes').inputValue()).toBe('name')
    expect(await page.getByLabel('What Budget becomes').inputValue()).toBe('preferences.price.max')
    expect(await page.getByRole('region', { name: 'First rows of the file' }).getByRole('row').count()).toBe(51)
    await page.getByRole('region', { name: 'Rejected rows' }).getByRole('row', { name: /Budget/ }).first().waitFor()
    await picture(page, 'import-checked')
    await expectAccessible(page)
    // A budget that is kept as it is rejects nothing.
    await page.getByLabel('What Budget becomes').selectOption('')
    await page.getByText('check again before importing').waitFor()
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.getByRole('button', { name: 'Import 70 rows' }).click()
    const panel = page.getByRole('complementary')
    await panel.getByText('Done').waitFor()
    expect(page.url()).toContain('import=')
    await page.reload()
    await panel.getByText('Done').waitFor()
    await expectAccessible(page)
    await panel.getByRole('button', { name: 'Take it back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
    await panel.getByText('Taken back').waitFor()
    await page.getByText('70 removed').waitFor()
    await page.goBack()
    await panel.waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('rejected rows are downloaded', async () => {
    const { page, close } = await visit(browser, '/import?kind=leads')
    await ready(page)
    await page.locator('input[type=file]').setInputFiles(leads('rejected'))
    await page.getByRole('button', { name: 'Import 60 rows' }).click()
    const panel = page.getByRole('complementary')
    await panel.getByText('Done').waitFor()
    const [file] = await Promise.all([page.waitForEvent('download'), panel.getByRole('button', { name: 'Download 10 rejected rows' }).click()])
    const lines = (await readFile(await file.path(), 'utf8')).trim().split('\r\n')
    expect(lines[0]).toBe('line,column,reason')
    expect(lines).toHaveLength(11)
    expect(lines[1]).toMatch(/^5,Budget,/)
    await close()
  })

  it('is worked by keyboard alone', async () => {
    const { page, faults, close } = await visit(browser, '/import?kind=leads')
    await ready(page)
    const field = page.locator('input[type=file]')
    await page.bringToFront()
    let chooser: FileChooser | undefined
    // A key that comes before the page has the focus of the browser opens nothing, and nobody is told.
    for (let presses = 0; !chooser && presses < 3; presses += 1) {
      await field.focus()
      const opened = page.waitForEvent('filechooser', { timeout: 5_000 }).catch(() => undefined)
      await page.keyboard.press('Space')
      chooser = await opened
    }
    await chooser?.setFiles(leads('keys'))
    const start = page.getByRole('button', { name: 'Import 60 rows' })
    await start.waitFor()
    await start.focus()
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary')
    await panel.getByText('Done').waitFor()
    await page.keyboard.press('Escape')
    await panel.waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('tells how far it is as it happens, without asking, and is cancelled by keyboard', async () => {
    const { page, faults, requests, close } = await visit(browser, '/import?kind=series')
    await ready(page)
    await page.getByText('Live', { exact: true }).waitFor()
    await page.locator('input[type=file]').setInputFiles(days(20))
    await page.getByRole('button', { name: 'Import 730,000 rows' }).click()
    const panel = page.getByRole('complementary')
    const bar = panel.getByRole('progressbar', { name: 'How far the import is' })
    await bar.waitFor()
    const shown = async () => Number(((await panel.getByText(/rows? so far/).textContent()) ?? '').replace(/ rows? so far.*/, '').replaceAll(/\D/g, ''))
    await panel.getByText(/ of .* read/).waitFor()
    const [before, asked] = [await shown(), requests.length]
    await expect.poll(shown, { timeout: 15_000 }).toBeGreaterThan(before)
    await expect.poll(() => bar.evaluate((element) => (element as HTMLProgressElement).position)).toBeGreaterThan(0)
    // The stream tells the counts; nothing is asked for again meanwhile.
    expect(requests.slice(asked).filter((path) => path.startsWith('/api/v1/imports'))).toEqual([])
    await picture(page, 'import-running')
    await expectAccessible(page)
    await tabTo(page, panel.getByRole('button', { name: 'Cancel the import' }))
    await page.keyboard.press('Enter')
    await panel.getByText('Cancelled', { exact: true }).waitFor()
    await panel.getByText('What it had stored until then stays').waitFor()
    // The button has gone; the keyboard goes on from the panel.
    expect(await panel.evaluate((element) => element === document.activeElement)).toBe(true)
    await picture(page, 'import-cancelled')
    await page.reload()
    await panel.getByText('Cancelled', { exact: true }).waitFor()
    await panel.getByRole('button', { name: 'Take it back' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Take it back' }).click()
    await panel.getByText('Taken back').waitFor({ timeout: 30_000 })
    expect(faults).toEqual([])
    await close()
  })

  it('says what a file lacks, and lets the columns be named', async () => {
    const { page, close } = await visit(browser, '/import?kind=series')
    await ready(page)
    const text = ['place,when,rent', ...Array.from({ length: 12 }, (_, at) => `keytown,2025-${String(at + 1).padStart(2, '0')},${1000 + at}`)].join('\n')
    await page.locator('input[type=file]').setInputFiles({ name: 'rents.csv', mimeType: 'text/csv', buffer: Buffer.from(text) })
    await page.getByRole('alert').waitFor()
    await page.getByLabel('What place becomes').selectOption('market')
    await page.getByLabel('What when becomes').selectOption('period')
    await page.getByLabel('What rent becomes').selectOption('value')
    await page.getByLabel('Name of the series').fill('rent')
    await page.getByRole('button', { name: 'Check' }).click()
    await page.getByRole('button', { name: 'Import 12 rows' }).waitFor()
    await close()
  })

  it('an agent is told who may', async () => {
    const { page, close } = await visit(browser, '/import', { role: 'agent' })
    await page.getByText('It needs the role owner or admin or analyst').waitFor()
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/import', ready)
    console.info('import', seen)
    expect(seen.lcp).toBeLessThan(1000)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
