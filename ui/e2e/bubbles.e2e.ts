// The bubble map: areas of a market by size, colour and words; map and table of the same; by mouse, by keyboard, restored.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'

// Software rendering takes its time; nothing here compares wall times of the map.
const SLOW = 240_000

interface Drawn {
  loaded: () => boolean
  queryRenderedFeatures: (options: { layers: string[] }) => { properties: { id: string; radius: number; fill: string; words: string }; geometry: { coordinates: [number, number] } }[]
  project: (at: [number, number]) => { x: number; y: number }
}

const legend = (page: Page) => page.getByRole('region', { name: 'Legend' })

async function drawn(page: Page): Promise<void> {
  await legend(page).getByRole('listitem').first().waitFor()
  await page.waitForFunction(() => {
    const map = (document.querySelector('[data-testid=map]') as { map?: Drawn } | null)?.map
    return map?.loaded() === true && map.queryRenderedFeatures({ layers: ['areas'] }).length > 0
  }, undefined, { timeout: 60_000 })
}

/** The bubbles with their places on the page, the largest first. */
function bubbles(page: Page) {
  return page.evaluate(() => {
    const element = document.querySelector<HTMLElement & { map: Drawn }>('[data-testid=map]')
    if (element === null) throw new Error('there is no map')
    const { left, top } = element.getBoundingClientRect()
    const found = element.map.queryRenderedFeatures({ layers: ['areas'] }).map(({ properties, geometry }) => {
      const { x, y } = element.map.project(geometry.coordinates)
      return { ...properties, x: left + x, y: top + y }
    })
    return found.sort((a, b) => b.radius - a.radius)
  })
}

/** Waits until what other metrics change has arrived and is drawn, so that a bubble is clicked where it stays. */
async function still(page: Page): Promise<void> {
  const drawing = async () => JSON.stringify(await bubbles(page))
  let before = ''
  await expect.poll(async () => {
    const [last, now] = [before, await drawing()]
    before = now
    return now === last
  }, { interval: 500, timeout: 30_000 }).toBe(true)
}

const listed = (page: Page) => page.getByRole('grid', { name: 'Areas' }).getByRole('row').nth(1).waitFor()

describe.runIf(hasChromium())('the bubble map', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/markets/map', 'bubbles', drawn)
    await expectGoodLooks(browser, '/markets/map?view=table&color=sold_price', 'bubbles-table', listed)
  }, SLOW)

  it('is bound to other metrics by mouse, an area is opened, and Back and a reload restore it', async () => {
    const { page, faults, close } = await visit(browser, '/markets/map')
    await drawn(page)
    const before = await bubbles(page)
    await page.getByLabel('Size').selectOption('sold')
    await page.getByLabel('Colour').selectOption('sold_price')
    await legend(page).getByText('Size: Homes sold, all on record').waitFor()
    await legend(page).getByText('Colour: Median price paid').waitFor()
    // One bubble may have the same colour by both; all of them do not.
    const fills = (all: typeof before) => all.map(({ fill }) => fill)
    await expect.poll(async () => fills(await bubbles(page)), { timeout: 30_000 }).not.toEqual(fills(before))
    await still(page)
    const [largest] = await bubbles(page)
    await page.mouse.click(largest?.x ?? 0, largest?.y ?? 0)
    const side = page.getByRole('complementary', { name: 'Legend and area' })
    await side.getByText(/middle/).waitFor()
    expect(page.url()).toContain('area=')
    await picture(page, 'bubbles-area')
    await expectAccessible(page)
    await page.reload()
    await drawn(page)
    await side.getByText(/middle/).waitFor()
    expect(await page.getByLabel('Size').inputValue()).toBe('sold')
    await side.getByRole('link', { name: 'Homes for sale' }).click()
    await page.getByRole('heading', { name: 'Homes', level: 1 }).waitFor()
    expect(page.url()).toContain('bbox=')
    await page.goBack()
    await side.getByText(/middle/).waitFor()
    await page.goBack()
    await side.getByText('Choose an area').waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('is worked by keyboard alone: bubbles by arrows, the table by T, its order, an area', async () => {
    const { page, faults, close } = await visit(browser, '/markets/map')
    await drawn(page)
    await page.getByRole('group', { name: 'Areas on the map' }).getByRole('button').first().focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.waitForURL(/area=/)
    await page.keyboard.press('Escape')
    await page.waitForURL((url) => !url.searchParams.has('area'))
    await page.keyboard.press('t')
    await listed(page)
    await page.getByRole('button', { name: 'Median asking price' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(/sort=-asking_price/)
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'Homes for sale' }).waitFor()
    await page.reload()
    await listed(page)
    await page.getByRole('link', { name: 'Homes for sale' }).waitFor()
    await page.getByRole('columnheader', { name: 'Median asking price' }).and(page.locator('[aria-sort=descending]')).waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('says that nothing is there, and leads on', async () => {
    const { page, faults, close } = await visit(browser, '/markets/map?bbox=-40,10,-39,11&z=9')
    await page.getByText('No home is for sale in this view.').waitFor()
    await page.getByRole('button', { name: 'The whole market' }).click()
    await drawn(page)
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('says what failed, and Retry mends it', async () => {
    const { page, fail, close } = await visit(browser, '/icon.svg')
    await fail(/^\/api\/v1\/listings\/clusters$/, 500)
    await page.goto(new URL('/markets/map?bbox=-105,39,-104,40&z=9&view=table', page.url()).href)
    await page.getByRole('heading', { name: 'The areas could not be loaded' }).waitFor()
    await picture(page, 'bubbles-failed')
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Retry' }).first().click()
    await page.getByRole('heading', { name: 'The areas could not be loaded' }).waitFor({ state: 'detached' })
    await close()
  })

  it('is a table where the browser cannot draw the map', async () => {
    const plain = await launch(['--disable-3d-apis'])
    const { page, faults, close } = await visit(plain, '/markets/map')
    await listed(page)
    await page.getByText('This browser cannot draw the map').waitFor()
    await legend(page).getByText('Size: Homes for sale').waitFor()
    expect(faults.filter((fault) => !fault.includes('WebGL'))).toEqual([])
    await close()
    await plain.close()
  }, SLOW)

  it('shows the table quickly when nothing is cached', measured, async () => {
    const seen = await speed(browser, '/markets/map?view=table', listed)
    console.info('bubbles', seen)
    expect(seen.lcp).toBeLessThan(1200)
    expect(seen.cls).toBeLessThan(0.02)
    expect(seen.longest).toBeLessThan(100)
  })
})
