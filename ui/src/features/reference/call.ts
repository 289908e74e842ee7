// A call as a person has filled it in: its address, the same for curl, and its answer.
import type { Operation } from './spec'

export type Values = Readonly<Record<string, string>>

export interface Answer {
  status: number
  statusText: string
  milliseconds: number
  /** JSON set out for reading; other texts as they came. */
  body: string
  requestId: string | null
}

/** The path with its parameters; what was left empty is left out of the query. */
export function addressOf({ path, parameters }: Operation, values: Values): string {
  const place = parameters.filter((one) => one.in === 'path').reduce((text, { name }) => text.replace(`{${name}}`, encodeURIComponent(values[name] ?? '')), path)
  const query = new URLSearchParams()
  for (const { name, in: where } of parameters) {
    const value = values[name]
    if (where === 'query' && value !== undefined && value !== '') query.set(name, value)
  }
  const text = query.toString()
  return text === '' ? place : `${place}?${text}`
}

/** Names of parameters that are needed and empty. */
export function missing({ parameters }: Operation, values: Values): string[] {
  return parameters.filter(({ name, required }) => required === true && (values[name] ?? '') === '').map(({ name }) => name)
}

/** Whether the method may change something. */
export function changes({ method }: Operation): boolean {
  return method !== 'GET' && method !== 'HEAD'
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The call for a shell; the key comes from the environment. */
export function curl(operation: Operation, values: Values, body: string, origin: string): string {
  const lines = [`curl ${operation.method === 'GET' ? '' : `-X ${operation.method} `}${quoted(origin + addressOf(operation, values))}`, '-H "Authorization: Bearer $LINTEL_KEY"']
  if (changes(operation)) lines.push('-H "Idempotency-Key: $(uuidgen)"')
  if (operation.body !== null) {
    const isText = operation.body.type === 'application/json'
    lines.push(`-H 'Content-Type: ${operation.body.type}'`, isText ? `-d ${quoted(body)}` : '--data-binary @FILE')
  }
  return lines.join(' \\\n  ')
}

/** Calls the server with the session of this page. */
export async function call(operation: Operation, values: Values, body: string | File | null): Promise<Answer> {
  const headers = new Headers({ Accept: 'application/json' })
  if (body !== null && operation.body !== null) headers.set('Content-Type', operation.body.type)
  if (changes(operation)) headers.set('Idempotency-Key', crypto.randomUUID())
  const start = performance.now()
  const response = await fetch(addressOf(operation, values), { method: operation.method, headers, body, credentials: 'same-origin' })
  const text = await response.text()
  return { status: response.status, statusText: response.statusText, milliseconds: performance.now() - start, body: pretty(text), requestId: response.headers.get('X-Request-Id') }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
