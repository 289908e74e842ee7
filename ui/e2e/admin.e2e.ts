// Admin: users, keys, jobs, the audit log, models and experiments; by mouse, by keyboard, and for whom they are.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, measured, picture, speed } from './harness/checks'

const ready: Record<string, (page: Page) => Promise<unknown>> = {
  users: (page) => page.getByRole('row', { name: /owner@e2e/ }).waitFor(),
  keys: (page) => page.getByRole('row', { name: /In force/ }).first().waitFor(),
  jobs: (page) => page.getByText('No dead letters').waitFor(),
  audit: (page) => page.getByRole('row', { name: /session\.create/ }).first().waitFor(),
  models: (page) => page.getByRole('img', { name: /Reliability curve/ }).waitFor(),
  experiments: (page) => page.getByText(/No experiments yet|Running/).first().waitFor(),
}

describe.runIf(hasChromium())('admin', () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser.close())

  it.each(Object.entries(ready))('%s looks right in both themes and sizes, and axe finds nothing', async (name, seen) => {
    await expectGoodLooks(browser, `/admin/${name}`, `admin-${name}`, seen)
  })

  it('a user is made and shut out by mouse', async () => {
    const { page, faults, close } = await visit(browser, '/admin')
    await page.waitForURL('**/admin/users')
    await page.getByRole('button', { name: 'New user' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill('new@e2e.example')
    await dialog.getByLabel('Password').fill('a long enough password')
    await dialog.getByLabel('Role').selectOption('analyst')
    await expectAccessible(page)
    await dialog.getByRole('button', { name: 'Make the user' }).click()
    const row = page.getByRole('row', { name: /new@e2e\.example/ })
    await row.getByText('Analyst').waitFor()
    await row.getByRole('button', { name: 'Shut out' }).click()
    await dialog.getByRole('button', { name: 'Shut out' }).click()
    await row.getByText('Shut out').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('what the server refuses stands at its field', async () => {
    const { page, close } = await visit(browser, '/admin/users')
    await page.getByRole('button', { name: 'New user' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('E-mail').fill('short@e2e.example')
    await dialog.getByLabel('Password').fill('short')
    await dialog.getByRole('button', { name: 'Make the user' }).click()
    await dialog.getByRole('alert').waitFor()
    expect(await dialog.getByLabel('Password').getAttribute('aria-invalid')).toBe('true')
    await close()
  })

  it('a key is made, shown once and revoked by keyboard alone', async () => {
    const { page, context, faults, close } = await visit(browser, '/admin/keys')
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.getByRole('button', { name: 'New key' }).focus()
    await page.keyboard.press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').waitFor()
    await page.keyboard.type('a form')
    await page.keyboard.press('Enter')
    const secret = await dialog.getByText(/^lk_/).textContent()
    await picture(page, 'admin-key-made')
    await dialog.getByRole('button', { name: 'Copy' }).focus()
    await page.keyboard.press('Enter')
    await page.getByText('Key copied').waitFor()
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(secret)
    await page.keyboard.press('Escape')
    const row = page.getByRole('row', { name: /a form/ })
    await row.getByRole('button').focus()
    await page.keyboard.press('Enter')
    await dialog.getByRole('button', { name: 'Revoke the key' }).focus()
    await page.keyboard.press('Enter')
    await row.getByText('Revoked').waitFor()
    await page.reload()
    await row.getByText('Revoked').waitFor()
    expect(await page.getByText(secret ?? 'lk_').count()).toBe(0)
    expect(faults).toEqual([])
    await close()
  })

  it('jobs are looked into by keyboard, and Back and reload restore them', async () => {
    const { page, faults, close } = await visit(browser, '/admin/jobs?state=done')
    await page.getByRole('row', { name: /done/ }).first().waitFor()
    await page.keyboard.press('j')
    await page.keyboard.press('Enter')
    const panel = page.getByRole('complementary')
    await panel.getByText('What it is to do').waitFor()
    expect(page.url()).toContain('job=')
    await expectAccessible(page)
    await page.reload()
    await panel.getByText('What it is to do').waitFor()
    await page.goBack()
    await panel.waitFor({ state: 'detached' })
    expect(faults).toEqual([])
    await close()
  })

  it('a word in the address that is not understood is passed over', async () => {
    const { page, faults, close } = await visit(browser, '/admin/jobs?state=all&job=x')
    // As if nothing had been asked for.
    await page.getByText('No dead letters').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('a job that runs says how far it is', async () => {
    const { page, faults, close } = await visit(browser, '/admin/jobs?state=done')
    // What runs in the demo is over too soon to be looked at.
    await page.route(/\/admin\/jobs\/[^/?]+$/, async (route) => {
      const response = await route.fetch()
      const job = (await response.json()) as { created_at: string }
      await route.fulfill({ response, json: { ...job, state: 'running', progress: { phase: 'learning', done: 0.42, at: job.created_at } } })
    })
    await page.getByRole('row', { name: /done/ }).first().click()
    await page.getByText('Learning, 42% done').waitFor()
    expect(await page.getByRole('progressbar', { name: 'How far the job is' }).getAttribute('value')).toBe('0.42')
    await page.getByRole('button', { name: 'Cancel' }).waitFor()
    await expectAccessible(page)
    expect(faults).toEqual([])
    await close()
  })

  it('the audit log is filtered, and an entry opened', async () => {
    const { page, faults, close } = await visit(browser, '/admin/audit')
    await page.getByLabel('Find in the log').fill('user.create owner')
    await page.getByRole('status').getByText(/ of /).waitFor()
    expect(page.url()).toContain('q=')
    await page.reload()
    await page.getByRole('row', { name: /user\.create, owner@e2e\.example/ }).first().click()
    await page.getByRole('dialog').getByText('Detail').waitFor()
    await page.getByRole('dialog').getByText('owner@e2e.example').waitFor()
    await picture(page, 'admin-audit-entry')
    expect(faults).toEqual([])
    await close()
  })

  it('a review is asked for, and leads to its job', async () => {
    const { page, faults, close } = await visit(browser, '/admin/models')
    await page.getByRole('link', { name: /^Price, demo/ }).click()
    await page.getByText('Measured on sales').waitFor()
    expect(page.url()).toContain('kind=price')
    await page.goBack()
    await page.getByRole('img', { name: /Reliability curve/ }).waitFor()
    await page.getByRole('button', { name: 'Review now' }).click()
    await page.getByRole('link', { name: 'What it found' }).click()
    await page.getByRole('complementary').getByText('What it is to do').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('an experiment is set up and ended', async () => {
    const { page, faults, close } = await visit(browser, '/admin/experiments')
    await page.getByRole('button', { name: 'New experiment' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('Shorter replies')
    await dialog.getByLabel('Variant 1').fill('short')
    await dialog.getByRole('button', { name: 'Start the experiment' }).click()
    const panel = page.getByRole('complementary')
    await panel.getByText('Beside the control').waitFor()
    await picture(page, 'admin-experiment')
    await expectAccessible(page)
    await panel.getByRole('button', { name: 'End the experiment' }).click()
    await dialog.getByRole('button', { name: 'End it' }).click()
    await panel.getByText('Ended').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('an agent sees models, and is told who may see the rest', async () => {
    const { page, faults, close } = await visit(browser, '/admin', { role: 'agent' })
    await page.waitForURL('**/admin/models')
    await page.getByRole('img', { name: /Reliability curve/ }).waitFor()
    expect(await page.getByRole('button', { name: 'Review now' }).count()).toBe(0)
    await page.goto(new URL('/admin/keys', page.url()).href)
    await page.getByText('It needs the role admin or higher').waitFor()
    expect(faults).toEqual([])
    await close()
  })

  it('is quick when nothing is cached', measured, async () => {
    for (const name of ['users', 'models']) {
      const seen = await speed(browser, `/admin/${name}`, ready[name] ?? (() => Promise.resolve()))
      console.info(name, seen)
      expect(seen.lcp).toBeLessThan(1200)
      expect(seen.cls).toBeLessThan(0.02)
      expect(seen.longest).toBeLessThan(100)
    }
  })
})
