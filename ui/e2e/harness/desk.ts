// Leads and tasks that tests need, made through the API.
import type { APIRequestContext } from 'playwright-core'
import { address } from './browser'

const headers = () => ({ Origin: address(), 'Idempotency-Key': crypto.randomUUID() })

async function post<T>(request: APIRequestContext, path: string, data: object): Promise<T> {
  const answer = await request.post(`${address()}/api/v1${path}`, { headers: headers(), data })
  if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`)
  return (await answer.json()) as T
}

/** A lead of this name, with whatever else is known; its id. */
export async function makeLead(request: APIRequestContext, name: string, more: object = {}): Promise<string> {
  return (await post<{ id: string }>(request, '/leads', { name, ...more })).id
}

/** A task with a lead, due so many hours from now; at no certain time when absent. */
export async function makeTask(request: APIRequestContext, lead: string, title: string, hours?: number): Promise<void> {
  const due_at = hours === undefined ? undefined : new Date(Date.now() + hours * 3_600_000).toISOString()
  await post(request, `/leads/${lead}/tasks`, { title, due_at })
}

/** Takes away every task there is, open and done. */
export async function clearTasks(request: APIRequestContext): Promise<void> {
  for (const state of ['open', 'done']) {
    const answer = await request.get(`${address()}/api/v1/tasks?state=${state}&limit=200`)
    const { items } = (await answer.json()) as { items: { id: string }[] }
    for (const { id } of items) await request.delete(`${address()}/api/v1/tasks/${id}`, { headers: headers() })
  }
}

/** Writes a note about a lead. */
export async function writeNote(request: APIRequestContext, lead: string, body: string): Promise<void> {
  await post(request, `/leads/${lead}/notes`, { body })
}

/** Records what a lead did, now. */
export async function record(request: APIRequestContext, lead: string, items: readonly { kind: string; listing_id?: string }[]): Promise<void> {
  await post(request, `/leads/${lead}/interactions`, { items })
}

/** Gives a lead to a user. */
export async function handTo(request: APIRequestContext, lead: string, user: string): Promise<void> {
  const answer = await request.patch(`${address()}/api/v1/leads/${lead}`, { headers: headers(), data: { assignee: user } })
  if (!answer.ok()) throw new Error(`assigning: ${answer.status()} ${await answer.text()}`)
}
