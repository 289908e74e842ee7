// Signing in and out, sessions that end, addresses that lead nowhere, settings.
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, open, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, looks, picture, tabTo } from './harness/checks'
import { emailOf, PASSWORD, TENANT } from './harness/people'

describe.runIf(hasChromium())('the session', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('begins by keyboard alone and leads to where one wanted', async () => {
    const { page, faults, close } = await open(browser)
    await page.goto(`${address()}/settings`)
    await page.getByLabel('Team').waitFor()
    expect(new URL(page.url()).search).toBe('?next=%2Fsettings')
    await page.keyboard.press('Tab')
    for (const text of [TENANT, emailOf('agent'), PASSWORD]) {
      await page.keyboard.type(text)
      await page.keyboard.press('Tab')
    }
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('says plainly what does not fit', async () => {
    const { page, faults, close } = await open(browser)
    await page.goto(`${address()}/sign-in`)
    await page.getByLabel('Team').fill(TENANT)
    await page.getByLabel('E-mail').fill('nobody@e2e.example')
    await page.getByLabel('Password').fill('wrong from the start')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('alert').getByText('do not fit together').waitFor()
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  it('looks right before anyone is signed in', async () => {
    for (const look of looks) {
      const { page, faults, close } = await open(browser, look)
      await page.goto(`${address()}/sign-in?why=expired`)
      await page.getByLabel('Password').waitFor()
      await picture(page, `sign-in-${look.theme}-${look.size}`)
      await expectAccessible(page)
      expect(faults).toEqual([])
      await close()
    }
  })

  it('that ends while a page is open is renewed in place', async () => {
    const { page, context, faults, close } = await visit(browser, '/?band=warm', { ownSession: true })
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    await context.clearCookies()
    // Whatever asks first finds out; the dialog may be there already.
    await page.getByRole('radio', { name: /^Hot/, includeHidden: true }).dispatchEvent('click')
    const dialog = page.getByRole('dialog', { name: 'Your session has ended' })
    await dialog.waitFor()
    await picture(page, 'session-ended')
    await expectAccessible(page)
    // Who it was is known; the focus is where one goes on.
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press('Enter')
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('row', { name: /hot/ }).first().waitFor()
    expect(page.url()).toContain('band=hot')
    expect(faults).toEqual([])
    await close()
  })

  it('ends with nothing left behind', async () => {
    const { page, faults, close } = await visit(browser, '/settings', { ownSession: true })
    await tabTo(page, page.getByRole('button', { name: 'Sign out' }))
    await page.keyboard.press('Enter')
    await page.getByText('You are signed out.').waitFor()
    await page.goto(`${address()}/`)
    await page.getByLabel('Password').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('has no page for an address that nobody knows', async () => {
    const { page, faults, close } = await visit(browser, '/nowhere/at/all')
    await page.getByRole('heading', { name: 'Nothing here' }).waitFor()
    await expectAccessible(page)
    await page.getByRole('link', { name: 'Go to the leads' }).click()
    await page.getByRole('heading', { name: 'Lead inbox' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })
})

describe.runIf(hasChromium())('the frame', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it('shows settings that last', async () => {
    await expectGoodLooks(browser, '/settings', 'settings', (page) => page.getByText('Appearance').waitFor())
    const { page, faults, close } = await visit(browser, '/settings')
    await page.getByRole('radio', { name: 'Dark' }).check()
    await page.getByRole('radio', { name: 'Dense' }).check()
    await page.reload()
    await page.getByText('Appearance').waitFor()
    expect(await page.evaluate(() => Object.fromEntries(Object.entries(document.documentElement.dataset)))).toEqual({ theme: 'dark', density: 'dense' })
    expect(faults).toEqual([])
    await close()
  })

  it('goes anywhere by keyboard: chords, the palette, the help sheet', async () => {
    const { page, faults, close } = await visit(browser, '/')
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    await page.keyboard.press('g')
    await page.keyboard.press(',')
    await page.getByRole('heading', { name: 'Settings' }).waitFor()
    await page.keyboard.press('?')
    await page.getByRole('dialog', { name: 'Shortcuts' }).waitFor()
    await picture(page, 'help')
    await expectAccessible(page)
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.getByPlaceholder(/page/i).waitFor()
    await page.keyboard.type('lead')
    await page.getByRole('option', { name: /Leads/ }).waitFor()
    await picture(page, 'palette')
    await expectAccessible(page)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Lead inbox' }).waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('shows what happens as it happens', async () => {
    const { page, context, faults, close } = await visit(browser, '/?q=Livia%20Present')
    await page.getByText('Live', { exact: true }).waitFor()
    await page.getByRole('heading', { name: /No lead/ }).waitFor()
    const data = { name: 'Livia Present', external_id: 'e2e-live' }
    expect((await context.request.post(`${address()}/api/v1/leads`, { data, headers: { Origin: address() } })).status()).toBe(201)
    await page.getByText('Livia Present', { exact: true }).first().waitFor({ timeout: 5_000 })
    expect(faults).toEqual([])
    await close()
  })

  it('says what failed with the id of the request, and Retry mends it', async () => {
    const { page, fail, faults, close } = await visit(browser, '/settings')
    await page.getByText('Appearance').waitFor()
    await fail(/^\/api\/v1\/leads$/, 500)
    await page.getByRole('link', { name: 'Leads', exact: true }).click()
    await page.getByRole('heading', { name: 'The leads could not be loaded' }).waitFor()
    await page.getByText('01a22400-0000-7000-8000-000000000000').waitFor()
    await picture(page, 'failed')
    await expectAccessible(page)
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Retry' }).click()
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('says when the network is away, and keeps what it had', async () => {
    const { page, context, close } = await visit(browser, '/')
    await page.getByRole('row', { name: /score/ }).first().waitFor()
    await context.setOffline(true)
    await page.getByText('You see what was loaded before').waitFor()
    expect(await page.getByRole('row', { name: /score/ }).count()).toBeGreaterThan(5)
    await picture(page, 'offline')
    await expectAccessible(page)
    await context.setOffline(false)
    await page.getByText('You see what was loaded before').waitFor({ state: 'detached' })
    await close()
  })
})
