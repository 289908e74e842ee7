// The client: typed errors, keys of changes, one repeat of a change that got no answer.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { api, take } from '~/api/client'
import { ApiError, fieldMessages, isForbidden, isSignedOut, tell, Unreachable } from '~/api/errors'

const fetched = vi.fn<(request: Request) => Promise<Response>>()
beforeEach(() => {
  fetched.mockReset()
  vi.stubGlobal('fetch', fetched)
})
afterEach(() => vi.unstubAllGlobals())

function problem(status: number, more: object = {}, headers: Record<string, string> = {}): Response {
  const body = { type: '/x', title: 'Refused', status, code: 'x', detail: 'Not this one.', errors: [], request_id: 'r1', ...more }
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/problem+json', ...headers } })
}

const markets = () => take(api.GET('/api/v1/markets'))
const signOut = () => take(api.DELETE('/api/v1/session'))

describe('a problem document', () => {
  it('becomes a typed error with the request id', async () => {
    fetched.mockResolvedValue(problem(503, {}, { 'Retry-After': '7' }))
    const error = await markets().catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({ status: 503, code: 'x', requestId: 'r1', retryAfter: 7 })
    expect(tell(error, 'The markets')).toEqual({ title: 'The markets could not be loaded', text: 'The server is busy. Try again in 7 s.', requestId: 'r1', retry: true })
  })

  it('says who is signed out and who may not', async () => {
    fetched.mockResolvedValueOnce(problem(401)).mockResolvedValueOnce(problem(403))
    expect(isSignedOut(await markets().catch((caught: unknown) => caught))).toBe(true)
    expect(isForbidden(await markets().catch((caught: unknown) => caught))).toBe(true)
  })

  it('has its words for each field', async () => {
    fetched.mockResolvedValue(problem(422, { errors: [{ pointer: '/email', code: 'invalid', detail: 'is no address' }] }))
    expect(fieldMessages(await markets().catch((caught: unknown) => caught))).toEqual({ email: 'is no address' })
  })
})

describe('without an answer', () => {
  it('reading is unreachable at once', async () => {
    fetched.mockRejectedValue(new TypeError('failed'))
    await expect(markets()).rejects.toBeInstanceOf(Unreachable)
    expect(fetched).toHaveBeenCalledTimes(1)
  })

  it('a change is sent once more with the same key', async () => {
    fetched.mockRejectedValueOnce(new TypeError('failed')).mockResolvedValueOnce(new Response(null, { status: 204 }))
    await signOut()
    const keys = fetched.mock.calls.map(([request]) => request.headers.get('Idempotency-Key'))
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(keys).toEqual([keys[0], keys[0]])
  })
})

it('searches are POSTs without a key, since they change nothing', async () => {
  fetched.mockImplementation(() => Promise.resolve(new Response('{}', { status: 200, headers: { 'Content-Type': 'application/json' } })))
  await take(api.POST('/api/v1/listings/search', { body: { market: 'demo' } }))
  expect(fetched.mock.calls[0]?.[0].headers.has('Idempotency-Key')).toBe(false)
})
