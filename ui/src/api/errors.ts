// What can go wrong when the server is asked, as values that a page can show.
import type { components } from './schema'

export type Problem = components['schemas']['Problem']
export type FieldProblem = components['schemas']['ProblemField']

/** The server refused or failed; the fields are those of its problem document. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number
  /** A word for programs, such as `not_found`. */
  readonly code: string
  readonly title: string
  /** What the server's log has the request under. */
  readonly requestId: string | null
  readonly fields: readonly FieldProblem[]
  /** Seconds after which another try makes sense. */
  readonly retryAfter: number | null

  constructor(status: number, problem: Partial<Problem>, retryAfter: number | null = null) {
    super(problem.detail ?? problem.title ?? `The server answered ${status}.`)
    this.status = status
    this.code = problem.code ?? 'unknown'
    this.title = problem.title ?? 'The request failed'
    this.requestId = problem.request_id ?? null
    this.fields = problem.errors ?? []
    this.retryAfter = retryAfter
  }
}

/** No answer came: the server or the network is away. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'

  constructor(cause: unknown) {
    super('The server cannot be reached.', { cause })
  }
}

/** An error in plain words, ready to be shown. */
export interface Told {
  title: string
  text: string
  requestId: string | null
  /** Whether trying again may help without anything else having changed. */
  retry: boolean
}

/** Says what failed; `what` completes "… could not be loaded", such as "The leads". */
export function tell(error: unknown, what: string): Told {
  if (error instanceof Unreachable) {
    const text = 'The server cannot be reached. Check the connection; what you had stays as it was.'
    return { title: `${what} could not be loaded`, text, requestId: null, retry: true }
  }
  if (!(error instanceof ApiError)) {
    const text = error instanceof Error ? error.message : 'Something went wrong on this page.'
    return { title: `${what} could not be shown`, text, requestId: null, retry: true }
  }
  const { requestId } = error
  const title = `${what} could not be loaded`
  if (error.status === 401) return { title: 'You are not signed in any more', text: 'Sign in again to go on.', requestId, retry: false }
  if (error.status === 404) {
    return { title: `${what} could not be found`, text: 'It may have been removed, or the address is wrong.', requestId, retry: false }
  }
  if (error.status === 429 || error.status === 503) {
    const wait = error.retryAfter === null ? 'in a moment' : `in ${error.retryAfter} s`
    return { title, text: `The server is busy. Try again ${wait}.`, requestId, retry: true }
  }
  if (error.status >= 500) return { title, text: 'The server failed. Its log has the reason.', requestId, retry: true }
  return { title, text: error.message, requestId, retry: false }
}

/** Whether the caller is not signed in, or not any more. */
export function isSignedOut(error: unknown): boolean {
  return error instanceof ApiError && error.status === 401
}

/** Whether the caller's role does not allow it. */
export function isForbidden(error: unknown): boolean {
  return error instanceof ApiError && error.status === 403
}

/** Messages of refused fields by their JSON pointer without the leading slash: `{ email: "…" }`. */
export function fieldMessages(error: unknown): Record<string, string> {
  if (!(error instanceof ApiError)) return {}
  return Object.fromEntries(error.fields.map((field) => [field.pointer.replace(/^\//, ''), field.detail]))
}
