// A browser with a fresh profile, pages that note everything they must not do, and the ways to look at them.
import { existsSync } from 'node:fs'
import { chromium, type Browser, type BrowserContext, type Cookie, type Page } from 'playwright-core'
import { inject } from 'vitest'
import { emailOf, PASSWORD, TENANT, type Role } from './people'

export const CHROMIUM = process.env.CHROMIUM ?? '/usr/bin/chromium'

/** Whether the tests can run here. When Chromium is required, its absence is a failure instead. */
export function hasChromium(): boolean {
  return existsSync(CHROMIUM) || process.env.LINTEL_TEST_REQUIRE_CHROMIUM === '1'
}

/** `more`: further switches, such as `--disable-3d-apis`. */
export function launch(more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: ['--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--enable-unsafe-swiftshader', ...more],
  })
}

export interface Look {
  theme?: 'light' | 'dark'
  /** `phone` is 390 × 844 with touch, `desk` 1440 × 900. */
  size?: 'desk' | 'phone'
  role?: Role
  /** A session of its own, for tests that end it; otherwise visits of a role share one. */
  ownSession?: boolean
}

export interface Visit {
  context: BrowserContext
  page: Page
  /** What the page must not have done; empty at the end of each test. */
  faults: string[]
  /** Paths of all requests so far, in order. */
  requests: string[]
  /** Has requests whose path matches answered with this failure, which is then no fault of the page. */
  fail: (path: RegExp, status: number) => Promise<void>
  close: () => Promise<void>
}

export const address = (): string => inject('address')

const sessions = new Map<Role, Cookie[]>()

/** A signed-in page in a context of its own. */
export async function visit(browser: Browser, path: string, look: Look = {}): Promise<Visit> {
  const visit = await open(browser, look)
  const role = look.role ?? 'owner'
  const kept = look.ownSession === true ? undefined : sessions.get(role)
  if (kept === undefined) await signIn(visit.context, role)
  else await visit.context.addCookies(kept)
  if (look.ownSession !== true) sessions.set(role, await visit.context.cookies())
  await visit.page.goto(address() + path)
  return visit
}

async function signIn(context: BrowserContext, role: Role): Promise<void> {
  const body = { tenant: TENANT, email: emailOf(role), password: PASSWORD }
  const answer = await context.request.post(`${address()}/api/v1/session`, { data: body })
  if (!answer.ok()) throw new Error(`signing in: ${answer.status()} ${await answer.text()}`)
}

/** A page that nobody is signed in to. */
export async function open(browser: Browser, { theme = 'light', size = 'desk' }: Look = {}): Promise<Visit> {
  const phone = size === 'phone'
  const context = await browser.newContext({
    viewport: phone ? { width: 390, height: 844 } : { width: 1440, height: 900 },
    hasTouch: phone,
    isMobile: phone,
    deviceScaleFactor: phone ? 2 : 1,
    colorScheme: theme,
    timezoneId: 'America/Chicago',
    locale: 'en-US',
  })
  const page = await context.newPage()
  const faults: string[] = []
  const requests: string[] = []
  const excused: RegExp[] = []
  page.on('request', (request) => {
    const url = new URL(request.url())
    if (url.protocol === 'data:' || url.protocol === 'blob:') return
    if (url.origin === address()) requests.push(url.pathname)
    else faults.push(`request to ${url.href}`)
  })
  page.on('console', (message) => {
    if (message.type() === 'error' && !isExpected(message.text(), message.location().url)) faults.push(`console: ${message.text()}`)
  })
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('response', (response) => {
    const isExcused = excused.some((path) => path.test(new URL(response.url()).pathname))
    if (response.status() >= 500 && !isExcused) faults.push(`${response.status()} from ${response.url()}`)
  })
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`)
    })
  })
  const fail = async (path: RegExp, status: number) => {
    excused.push(path)
    await page.route((url) => path.test(url.pathname), (route) => route.fulfill(problem(status)))
  }
  return { context, page, faults, requests, fail, close: () => context.close() }
}

function problem(status: number) {
  const body = { type: 'about:blank', title: 'Failed', status, code: 'test', detail: 'It was made to fail.', errors: [], request_id: '01a22400-0000-7000-8000-000000000000' }
  return { status, contentType: 'application/problem+json', body: JSON.stringify(body) }
}

/** Chromium writes each 4xx answer to the console; the API and the tiles use them, and 5xx are faults of their own. */
function isExpected(text: string, url: string): boolean {
  return text.startsWith('Failed to load resource') && /^\/(?:api\/|tiles)/.test(new URL(url, address()).pathname)
}
