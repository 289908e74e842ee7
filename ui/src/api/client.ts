// The typed client of the server's API. Types come from docs/api/openapi.json only.
import createClient, { type Middleware } from 'openapi-fetch'
import { ApiError, Unreachable, type Problem } from './errors'
import type { components, paths } from './schema'

/** The shapes of the API as the client hands them out: `Schema<'LeadOut'>`. */
export type Schema<Name extends keyof components['schemas']> = Read<components['schemas'][Name]>

/** openapi-fetch gives pairs, such as coordinates, as lists; so do the shapes here, or the two would not fit. */
type Read<T> = T extends (infer Item)[] ? Read<Item>[] : T extends object ? { [Name in keyof T]: Read<T[Name]> } : T

const CHANGES = new Set(['POST', 'PUT', 'PATCH', 'DELETE'])
// POST routes that only read: they are asked with a body and need no key.
const READS = /(?:\/search|\/clusters|\/match|\/estimate|\/score|:batch|\/review|\/disparity)$/

/** Gives each change a key, so that a repeated request has its effect once. */
const idempotency: Middleware = {
  onRequest({ request, schemaPath }) {
    if (CHANGES.has(request.method) && !READS.test(schemaPath) && !request.headers.has('Idempotency-Key')) {
      request.headers.set('Idempotency-Key', crypto.randomUUID())
    }
    return request
  },
}

/** Sends a request; a change that got no answer is sent once more with its key, which cannot do it twice. */
async function send(request: Request): Promise<Response> {
  const again = request.headers.has('Idempotency-Key') ? request.clone() : null
  try {
    return await fetch(request)
  } catch (error) {
    if (again === null || isAbort(error)) throw error
    return await fetch(again)
  }
}

export const api = createClient<paths>({ baseUrl: globalThis.location.origin, credentials: 'same-origin', fetch: send })
api.use(idempotency)

interface Answer<T> {
  data?: T
  error?: unknown
  response: Response
}

/** The body of an answer; throws `ApiError` when it is a problem, `Unreachable` when none came. */
export async function take<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>
  try {
    answer = await call
  } catch (error) {
    if (isAbort(error)) throw error
    throw new Unreachable(error)
  }
  if (answer.response.ok) return answer.data as T
  const { status, headers } = answer.response
  throw new ApiError(status, problemOf(answer.error), secondsOf(headers.get('Retry-After')))
}

function problemOf(body: unknown): Partial<Problem> {
  return typeof body === 'object' && body !== null ? body : {}
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header)
  return header !== null && Number.isFinite(seconds) ? seconds : null
}

function isAbort(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'AbortError'
}
