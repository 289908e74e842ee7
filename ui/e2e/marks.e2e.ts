// Marks of homes: favourites and hidden ones in the list, on the map and on the page of the home; by mouse and by keyboard.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, picture } from './harness/checks'

// Software rendering takes its time.
const SLOW = 240_000
const rows = (page: Page) => page.getByRole('list', { name: 'Homes' }).getByRole('listitem')
const ready = (page: Page) => rows(page).first().waitFor()

interface Drawn {
  loaded: () => boolean
  jumpTo: (to: { center: [number, number]; zoom: number }) => void
  queryRenderedFeatures: (options: { layers: string[] }) => { properties: { listing?: string; id: string; picture?: string; words: string } }[]
}

interface Home {
  id: string
  longitude: number
  latitude: number
}

/** The picture and the words of the pill of one home; null when it is not drawn. */
function pillOf(page: Page, id: string, layers = ['pills']) {
  return page.evaluate(([home, names]) => {
    const map = document.querySelector<HTMLElement & { map?: Drawn }>('[data-testid=map]')?.map
    if (map?.loaded() !== true) return null
    const found = map.queryRenderedFeatures({ layers: names }).find(({ properties }) => (properties.listing ?? properties.id) === home)
    return found === undefined ? null : `${found.properties.picture ?? ''} ${found.properties.words.replace(/ ?\$.*/, '')}`.trim()
  }, [id, layers] as const)
}

describe.runIf(hasChromium())('marks of homes', () => {
  let browser: Browser
  let homes: Home[]
  beforeAll(async () => {
    browser = await launch()
    const { context, close } = await visit(browser, '/icon.svg')
    const data = { market: 'demo', limit: 50, filters: { status: ['active'] } }
    const answer = await context.request.post(`${address()}/api/v1/listings/search`, { data, headers: { origin: address() } })
    homes = ((await answer.json()) as { items: Home[] }).items
    await close()
  })
  afterAll(() => browser.close())

  // Every test starts without marks.
  beforeEach(async () => {
    const { context, close } = await visit(browser, '/icon.svg')
    const marks = `${address()}/api/v1/listings/marks`
    const { items } = (await (await context.request.get(marks)).json()) as { items: { listing_id: string }[] }
    for (const { listing_id: id } of items) await context.request.delete(`${address()}/api/v1/listings/${id}/mark`, { headers: { origin: address() } })
    await close()
  })

  it('hides a home by mouse, says how many are hidden, shows them, and takes it back', async () => {
    const { page, faults, close } = await visit(browser, '/homes')
    await ready(page)
    const first = rows(page).first()
    const id = (await first.getAttribute('data-home')) ?? ''
    const row = rows(page).and(page.locator(`[data-home='${id}']`))
    await first.getByRole('button', { name: /^Hide/ }).click()
    await row.waitFor({ state: 'detached' })
    await page.getByText('1 hidden').waitFor()
    await page.getByRole('button', { name: 'Show hidden homes' }).click()
    await row.getByText('Hidden', { exact: true }).waitFor()
    await picture(page, 'homes-hidden')
    await expectAccessible(page)
    await page.getByRole('button', { name: 'Leave out hidden homes' }).click()
    await row.waitFor({ state: 'detached' })
    await page.reload()
    await page.getByText('1 hidden').waitFor()
    await page.getByRole('button', { name: 'Show hidden homes' }).click()
    await row.getByRole('button', { name: /^Show .* again/ }).click()
    await page.getByText('1 hidden').waitFor({ state: 'detached' })
    await row.getByRole('button', { name: /^Hide/ }).click()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await row.getByRole('button', { name: /^Hide/ }).waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('marks by keyboard alone: F for a favourite, H to hide, Z to undo; the focus goes on', async () => {
    const { page, faults, close } = await visit(browser, '/homes')
    await ready(page)
    await page.keyboard.press('j')
    const focused = () => page.evaluate(() => document.activeElement?.closest<HTMLElement>('[data-home]')?.dataset.home)
    const first = await focused()
    const row = rows(page).and(page.locator(`[data-home='${first ?? ''}']`))
    await page.keyboard.press('f')
    await row.getByRole('button', { name: /^Favourite/, pressed: true }).waitFor()
    await page.keyboard.press('f')
    await row.getByRole('button', { name: /^Favourite/, pressed: false }).waitFor()
    await page.keyboard.press('h')
    await row.waitFor({ state: 'detached' })
    const next = await focused()
    expect(next).toBeDefined()
    expect(next).not.toBe(first)
    await page.keyboard.press('z')
    await row.waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('shows in a pill what is known of its home; the card at a selected one marks it', async () => {
    const [one] = homes
    if (one === undefined) throw new Error('there are no homes')
    const { id, longitude, latitude } = one
    const near = `?bbox=${longitude - 0.002},${latitude - 0.0012},${longitude + 0.002},${latitude + 0.0012}&z=17`
    const { page, faults, close } = await visit(browser, `/homes${near}`)
    await ready(page)
    const pill = (layers?: string[]) => expect.poll(() => pillOf(page, id, layers), { timeout: 60_000 })
    await pill().toBe('pill-plain')
    await page.goto(`${address()}/homes/${id}`)
    await page.getByRole('button', { name: /^Favourite/ }).click()
    await page.getByRole('button', { name: /^Favourite/, pressed: true }).waitFor()
    await expectAccessible(page)
    await page.goto(`${address()}/homes${near}`)
    await pill().toBe('pill-viewed-heart')
    await page.goto(`${address()}/homes${near}&sel=${id}`)
    const card = page.getByRole('region', { name: /^Selected:/ })
    await card.getByRole('button', { name: /^Favourite/, pressed: true }).waitFor()
    await pill(['lifted']).toBe('pill-selected-heart')
    await picture(page, 'homes-card')
    await expectAccessible(page)
    await card.getByRole('button', { name: /^Hide/ }).click()
    await card.waitFor({ state: 'detached' })
    await page.getByText('1 hidden').waitFor()
    await pill().toBeNull()
    await page.getByRole('button', { name: 'Show hidden homes' }).click()
    await pill().toBe('pill-gone Hidden')
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await pill().toBe('pill-viewed-heart')
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('shows favourites alone by mouse, each with its pill; a reload and Back keep what was there', async () => {
    const { page, faults, close } = await visit(browser, '/homes?beds=2-')
    await ready(page)
    for (const at of [0, 2]) await rows(page).nth(at).getByRole('button', { name: /^Favourite/ }).click()
    await rows(page).nth(2).getByRole('button', { name: /^Favourite/, pressed: true }).waitFor()
    const liked = await rows(page).evaluateAll((all) => [all[2], all[0]].map((row) => (row as HTMLElement).dataset.home ?? ''))
    await page.getByRole('button', { name: 'All homes' }).click()
    await page.getByRole('menuitemradio', { name: 'Favourites, 2' }).click()
    await page.getByRole('heading', { name: '2 favourite homes' }).waitFor()
    await expect.poll(() => rows(page).count()).toBe(2)
    expect(await rows(page).evaluateAll((all) => all.map((row) => (row as HTMLElement).dataset.home))).toEqual(liked)
    await expect.poll(() => pillOf(page, liked[0] ?? ''), { timeout: 60_000 }).toBe('pill-plain-heart')
    await picture(page, 'homes-favourites')
    await expectAccessible(page)
    await page.reload()
    await page.getByRole('heading', { name: '2 favourite homes' }).waitFor()
    await rows(page).first().getByRole('button', { name: /^Favourite/ }).click()
    await page.getByRole('heading', { name: '1 favourite home' }).waitFor()
    await page.getByRole('button', { name: 'Undo' }).last().click()
    await page.getByRole('heading', { name: '2 favourite homes' }).waitFor()
    await page.getByRole('button', { name: 'Favourites' }).click()
    await page.getByRole('menuitemradio', { name: 'All homes' }).click()
    await ready(page)
    expect(new URL(page.url()).searchParams.get('beds')).toBe('2-')
    await page.goBack()
    await page.getByRole('heading', { name: '2 favourite homes' }).waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('by keyboard alone: V for favourites, hidden homes are listed and shown again, and empty lists say what will be there', async () => {
    const { page, faults, close } = await visit(browser, '/homes')
    await ready(page)
    await page.keyboard.press('v')
    await page.getByRole('heading', { name: 'No favourites yet' }).waitFor()
    await expectAccessible(page)
    await page.keyboard.press('v')
    await ready(page)
    await page.keyboard.press('j')
    await page.keyboard.press('h')
    await page.getByText('1 hidden').waitFor()
    await page.getByRole('button', { name: 'All homes' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menuitemradio', { name: 'Hidden homes, 1' }).waitFor()
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '1 hidden home' }).waitFor()
    await rows(page).first().getByText('Hidden', { exact: true }).waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('h')
    await page.getByRole('heading', { name: 'No home is hidden' }).waitFor()
    expect(faults).toEqual([])
    await close()
  }, SLOW)

  it('takes a mark back that the server refuses, and says so', async () => {
    const { page, fail, close } = await visit(browser, '/homes')
    await ready(page)
    await fail(/\/mark$/, 503)
    const heart = rows(page).first().getByRole('button', { name: /^Favourite/ })
    await heart.click()
    await page.getByRole('status', { name: 'Messages' }).getByText(/^The server/).waitFor()
    expect(await heart.getAttribute('aria-pressed')).toBe('false')
    await close()
  })

  it('has room for its buttons on a phone', async () => {
    const { page, faults, close } = await visit(browser, '/homes', { size: 'phone', theme: 'dark' })
    await ready(page)
    await rows(page).first().getByRole('button', { name: /^Favourite/ }).click()
    await rows(page).first().getByRole('button', { name: /^Favourite/, pressed: true }).waitFor()
    await picture(page, 'homes-marks-phone')
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  }, SLOW)
})
