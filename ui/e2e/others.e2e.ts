// Who else looks at a lead or a home: seen by the others while they look, gone when they leave, and never oneself.
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { address, hasChromium, launch, visit } from './harness/browser'
import { expectAccessible, expectGoodLooks, picture } from './harness/checks'
import { makeLead } from './harness/desk'

const lookers = (page: Page, text: string) => page.getByTitle(text, { exact: true })

describe.runIf(hasChromium())('who else looks', () => {
  let browser: Browser
  let lead = ''
  let home = ''
  beforeAll(async () => {
    browser = await launch()
    const { context, close } = await visit(browser, '/icon.svg')
    lead = await makeLead(context.request, 'Una Fairlight')
    const answer = await context.request.post(`${address()}/api/v1/listings/search`, { data: { market: 'demo', limit: 1 }, headers: { origin: address() } })
    home = ((await answer.json()) as { items: { id: string }[] }).items[0]?.id ?? ''
    await close()
  })
  afterAll(() => browser.close())

  it('is seen on the page of a lead by both, each the other, until one leaves', async () => {
    const owner = await visit(browser, `/leads/${lead}`)
    const agent = await visit(browser, `/leads/${lead}`, { role: 'agent' })
    // An agent is not told the names of accounts.
    await Promise.all([lookers(owner.page, 'agent also looks at this').waitFor(), lookers(agent.page, 'A colleague also looks at this').waitFor()])
    expect(await owner.page.getByTitle(/also looks?/).count()).toBe(1)
    await expectAccessible(owner.page)
    await agent.page.goto(`${address()}/settings`)
    await lookers(owner.page, 'agent also looks at this').waitFor({ state: 'detached' })
    expect([...owner.faults, ...agent.faults]).toEqual([])
    await Promise.all([owner.close(), agent.close()])
  })

  it('is seen beside the inbox by whoever has the page open, and on the page of a home', async () => {
    const owner = await visit(browser, `/?lead=${lead}`)
    const agent = await visit(browser, `/leads/${lead}`, { role: 'agent' })
    await owner.page.getByRole('complementary').getByTitle('agent also looks at this').waitFor()
    await lookers(agent.page, 'A colleague also looks at this').waitFor()
    await picture(owner.page, 'others-preview')
    await Promise.all([owner, agent].map(({ page }) => page.goto(`${address()}/homes/${home}`)))
    await lookers(owner.page, 'agent also looks at this').waitFor()
    await picture(owner.page, 'others-home')
    expect([...owner.faults, ...agent.faults]).toEqual([])
    await Promise.all([owner.close(), agent.close()])
  })

  it('is not oneself in another window', async () => {
    const first = await visit(browser, `/leads/${lead}`)
    const second = await visit(browser, `/leads/${lead}`)
    const agent = await visit(browser, `/leads/${lead}`, { role: 'agent' })
    await Promise.all([first, second].map(({ page }) => lookers(page, 'agent also looks at this').waitFor()))
    await lookers(agent.page, 'A colleague also looks at this').waitFor()
    await agent.close()
    await Promise.all([first, second].map(({ page }) => page.getByTitle(/also looks?/).waitFor({ state: 'detached' })))
    await Promise.all([first.close(), second.close()])
  })

  it('looks right in both themes and sizes, and axe finds nothing', async () => {
    const agent = await visit(browser, `/leads/${lead}`, { role: 'agent' })
    await expectGoodLooks(browser, `/leads/${lead}`, 'others-lead', (page) => lookers(page, 'agent also looks at this').waitFor())
    await agent.close()
  })
})
