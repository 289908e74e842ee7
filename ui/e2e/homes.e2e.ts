// Property search: map and list of the same homes, by mouse and by keyboard alone, restored by reload and Back.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit, type Visit } from './harness/browser'
import { expectGoodLooks, measured, picture, speed } from './harness/checks'

// Software rendering takes its time; nothing here compares wall times of the map.
const SLOW = 240_000
const rows = (page: Page) => page.getByRole('list', { name: 'Homes' }).getByRole('listitem')
const ready = (page: Page) => rows(page).first().waitFor()

/** Waits until the map has drawn what it was given. */
async function idle(page: Page): Promise<void> {
  await page.waitForFunction(() => {
    const map = (document.querySelector('[data-testid=map]') as { map?: Drawn } | null)?.map
    return map?.loaded() === true && map.queryRenderedFeatures({ layers: ['clusters', 'pills'] }).length > 0
  }, undefined, { timeout: 60_000 })
}

interface Drawn {
  loaded: () => boolean
  queryRenderedFeatures: (options: { layers: string[] }) => { properties: { id: string; count: number; listing?: string; look?: string }; geometry: { coordinates: [number, number] } }[]
  project: (at: [number, number]) => { x: number; y: number }
  getZoom: () => number
}

/** What is drawn, with its place on the page. */
function drawn(page: Page, layer: string) {
  return page.evaluate((name) => {
    const element = document.querySelector<HTMLElement & { map: Drawn }>('[data-testid=map]')
    if (element === null) throw new Error('there is no map')
    const { left, top } = element.getBoundingClientRect()
    return element.map.queryRenderedFeatures({ layers: [name] }).map(({ properties, geometry }) => {
      const { x, y } = element.map.project(geometry.coordinates)
      return { ...properties, x: left + x, y: top + y }
    })
  }, layer)
}

async function small(browser: Browser, path: string): Promise<Visit> {
  const one = await visit(browser, '/icon.svg')
  await one.page.setViewportSize({ width: 1024, height: 640 })
  await one.page.goto(new URL(path, one.page.url()).href)
  await ready(one.page)
  await idle(one.page)
  return one
}

const total = async (page: Page) => Number(((await page.getByRole('heading', { level: 2, name: /home/ }).first().textContent()) ?? '').replaceAll(/\D/g, ''))

describe.runIf(hasChromium())('property search', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    await expectGoodLooks(browser, '/homes', 'homes', async (page) => {
      await ready(page)
      await idle(page)
    })
  }, SLOW)

  it('zooms into a bubble by a click; the list, a reload and Back follow', async () => {
    const { page, faults, close } = await small(browser, '/homes')
    const all = await total(page)
    const bubbles = await drawn(page, 'clusters')
    const largest = bubbles.reduce((best, one) => (one.count > best.count ? one : best))
    await page.mouse.click(largest.x, largest.y)
    await page.waitForURL(/bbox=/)
    await expect.poll(() => total(page)).toBeLessThan(all)
    const seen = await total(page)
    await page.reload()
    await ready(page)
    await idle(page)
    expect(await total(page)).toBe(seen)
    await rows(page).first().getByRole('link').click()
    await page.getByRole('heading', { level: 1 }).waitFor()
    await page.goBack()
    await ready(page)
    expect(await total(page)).toBe(seen)
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('ties the list to the map: a row is lifted, a selected home is kept in the address', async () => {
    const { page, faults, close } = await small(browser, '/homes')
    await rows(page).nth(1).hover()
    await expect.poll(async () => (await drawn(page, 'lifted')).map(({ look }) => look)).toEqual(['hover'])
    await rows(page).nth(1).getByText(/bd/).click()
    await page.waitForURL(/sel=/)
    await expect.poll(async () => (await drawn(page, 'lifted')).map(({ look }) => look)).toContain('selected')
    await picture(page, 'homes-selected')
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('is worked by keyboard alone: filters, homes, bubbles, and an area', async () => {
    const { page, faults, close } = await small(browser, '/homes')
    const all = await total(page)
    await page.getByRole('button', { name: 'Beds' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('textbox', { name: 'From' }).waitFor()
    await page.keyboard.type('4')
    await page.keyboard.press('Enter')
    await page.waitForURL(/beds=4-/)
    await page.keyboard.press('Escape')
    await expect.poll(() => total(page)).toBeLessThan(all)
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await page.keyboard.press('j')
    await page.keyboard.press('x')
    await page.waitForURL(/ids=/)
    await page.getByText('2 of 4 chosen').waitFor()
    const before = await total(page)
    await page.getByRole('button', { name: 'Draw an area' }).focus()
    await page.keyboard.press('Enter')
    const far = (arrow: string, times: number) => Array.from({ length: times }, () => `Shift+${arrow}`)
    const keys = [...far('ArrowLeft', 3), ...far('ArrowUp', 3), 'Enter', ...far('ArrowRight', 5), 'Enter', ...far('ArrowDown', 6), 'Enter', ...far('ArrowLeft', 5), 'Enter', 'f']
    for (const key of keys) await page.keyboard.press(key)
    await page.waitForURL(/poly=/)
    await expect.poll(() => total(page)).toBeLessThan(before)
    await idle(page)
    await picture(page, 'homes-area')
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('has the map to itself while an area is drawn on a phone; corners are set and moved by touch', async () => {
    const { page, faults, close } = await visit(browser, '/homes', { size: 'phone' })
    await ready(page)
    await idle(page)
    await page.getByRole('button', { name: 'Draw an area' }).tap()
    await page.getByText('Tap to set corners').waitFor()
    expect(await page.getByRole('radio', { name: 'Map', exact: true }).isChecked()).toBe(true)
    const map = await page.getByTestId('map').boundingBox()
    if (map === null) throw new Error('there is no map')
    for (const [x, y] of [[100, 250], [300, 260], [200, 420]] as const) await page.touchscreen.tap(map.x + x, map.y + y)
    await page.getByText('3 corners').waitFor()
    await page.getByRole('button', { name: 'Close the area' }).tap()
    await page.waitForURL(/poly=/)
    const before = new URL(page.url()).searchParams.get('poly')
    await page.getByRole('button', { name: '1 area' }).tap()
    await page.getByRole('button', { name: 'Edit area 1' }).tap()
    await page.getByText('Drag corners').waitFor()
    await expect.poll(async () => (await drawn(page, 'draw-corners')).length, { timeout: 60_000 }).toBeGreaterThan(3)
    const finger = await page.context().newCDPSession(page)
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', ...at: { x: number; y: number }[]) => finger.send('Input.dispatchTouchEvent', { type, touchPoints: at })
    await touch('touchStart', { x: map.x + 200, y: map.y + 420 })
    for (const y of [440, 470, 500]) await touch('touchMove', { x: map.x + 200, y: map.y + y })
    await touch('touchEnd')
    await picture(page, 'homes-edit-phone')
    await page.getByRole('button', { name: 'Keep the area' }).tap()
    await expect.poll(() => new URL(page.url()).searchParams.get('poly')).not.toBe(before)
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('says which condition to lift when nothing fits, and lifting it finds homes', async () => {
    const { page, faults, close } = await visit(browser, '/homes?price=-1000&beds=2-')
    await page.getByRole('button', { name: /Without “up to \$1K”/ }).click()
    await ready(page)
    expect(page.url()).not.toContain('price')
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('saves the search', async () => {
    const { page, faults, close } = await visit(browser, '/homes?beds=4-&type=Townhouse')
    await ready(page)
    await page.getByRole('button', { name: 'Save this search' }).click()
    await page.getByText(/homes? now/).waitFor()
    await page.getByLabel('Name').fill('Large townhouses')
    await page.getByRole('button', { name: 'Save the search' }).click()
    await page.getByText('Search saved').waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('shows the list alone where the browser cannot draw the map', async () => {
    const plain = await launch(['--disable-3d-apis'])
    const { page, faults, close } = await visit(plain, '/homes')
    await ready(page)
    await page.getByText('This browser cannot draw the map').waitFor()
    await picture(page, 'homes-no-webgl')
    expect(faults.filter((fault) => !fault.includes('WebGL'))).toEqual([])
    await close()
    await plain.close()
  }, SLOW)

  it('puts the operator’s tiles under the homes when the server has some', async () => {
    const { page, close } = await visit(browser, '/icon.svg')
    // One grey pixel for each tile.
    const pixel = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==', 'base64')
    const about = { tilejson: '3.0.0', tiles: ['/tiles/{z}/{x}/{y}'], minzoom: 0, maxzoom: 14, media_type: 'image/png', attribution: '<a href="#">A surveyor</a>' }
    let asked = 0
    await page.route('**/tiles', (route) => route.fulfill({ json: about }))
    await page.route('**/tiles/*/*/*', (route) => {
      asked += 1
      return route.fulfill({ body: pixel, contentType: 'image/png' })
    })
    await page.goto(`${address()}/homes`)
    await ready(page)
    await idle(page)
    expect(asked).toBeGreaterThan(0)
    await page.getByText('A surveyor; Outlines').waitFor()
    await close()
  }, SLOW)

  it('shows the list quickly when nothing is cached', { ...measured, timeout: SLOW }, async () => {
    const seen = await speed(browser, '/homes', ready)
    console.info('homes', seen)
    expect(seen.lcp).toBeLessThan(1200)
    expect(seen.cls).toBeLessThan(0.02)
  })
})
