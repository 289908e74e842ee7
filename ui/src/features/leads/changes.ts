// Changes to leads: shown at once, taken back when the server refuses, and undone on request.
import { useQueryClient, type QueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { api, take, type Schema } from '~/api/client'
import { ApiError } from '~/api/errors'
import { key } from '~/api/keys'
import { leadName } from '~/format/words'
import { plural } from '~/format/numbers'
import { toast } from '~/state/toasts'
import { cachedLead, changeCached, forget } from './cache'
import type { Lead } from './queries'

export type LeadPatch = Schema<'LeadPatchIn'>
type Field = Exclude<keyof LeadPatch, 'consent' | 'custom'>

// Changes of one lead go one after the other, since each needs the version that the one before made.
const underWay = new Map<string, Promise<unknown>>()
const AT_ONCE = 4

/** Changes one lead as it was last heard of; refused when somebody else changed it meanwhile. */
export function patchLead(client: QueryClient, id: string, patch: LeadPatch): Promise<Lead> {
  const before = underWay.get(id) ?? Promise.resolve()
  const mine = before.catch(() => undefined).then(() => send(client, id, patch))
  underWay.set(id, mine)
  const done = () => {
    if (underWay.get(id) === mine) underWay.delete(id)
  }
  mine.then(done, done)
  return mine
}

async function send(client: QueryClient, id: string, patch: LeadPatch): Promise<Lead> {
  const before = cachedLead(client, id)
  changeCached(client, id, (lead) => patched(lead, patch))
  try {
    const header = before === undefined ? {} : { 'If-Match': `"${before.version}"` }
    const lead = await take(api.PATCH('/api/v1/leads/{id}', { params: { path: { id }, header }, body: patch }))
    changeCached(client, id, () => lead)
    if (patch.snoozed_until !== undefined) void client.invalidateQueries({ queryKey: key('leads', 'counts') })
    if (patch.consent !== undefined) await client.invalidateQueries({ queryKey: key('leads', id, 'consent') })
    return lead
  } catch (error) {
    if (before !== undefined) changeCached(client, id, () => before)
    void client.invalidateQueries({ queryKey: key('leads', id) })
    throw error
  }
}

/** The lead as it will be. */
export function patched(lead: Lead, patch: LeadPatch): Lead {
  const next: Record<string, unknown> = { ...lead, ...patch }
  delete next.consent
  const custom = Object.entries({ ...lead.custom, ...patch.custom }).filter(([, value]) => value !== null)
  return { ...(next as unknown as Lead), custom: Object.fromEntries(custom) as Lead['custom'] }
}

/** The patch that puts back what the fields of another one were before it. */
export function inverse(lead: Lead, patch: LeadPatch): LeadPatch {
  const fields = Object.keys(patch).filter((name): name is Field => name !== 'consent' && name !== 'custom')
  const back = Object.fromEntries(fields.map((name) => [name, lead[name] ?? null])) as LeadPatch
  if (patch.custom !== undefined) back.custom = Object.fromEntries(Object.keys(patch.custom).map((name) => [name, lead.custom[name] ?? null]))
  return back
}

/** Changes leads and says so with a way back; `what` is said of one: "Assigned to me". */
export function useChangeLeads() {
  const client = useQueryClient()
  return useCallback(async (leads: readonly Lead[], patchOf: LeadPatch | ((lead: Lead) => LeadPatch), what: string) => {
    const patches = leads.map((lead) => ({ lead, patch: typeof patchOf === 'function' ? patchOf(lead) : patchOf }))
    const failed = await changeAll(client, patches)
    const done = patches.filter(({ lead }) => !failed.has(lead.id))
    tellFailures(failed, leads)
    if (done.length === 0) return false
    const undo = () => void changeAll(client, done.map(({ lead, patch }) => ({ lead, patch: inverse(lead, patch) }))).then((left) => tellFailures(left, leads))
    toast(leads.length === 1 ? what : `${what}: ${plural(done.length, 'lead')}`, { undo })
    return failed.size === 0
  }, [client])
}

/** Brings leads back that were put off. */
export function useWake() {
  const change = useChangeLeads()
  return useCallback((leads: readonly Lead[]) => void change(leads, { snoozed_until: null }, 'Woken'), [change])
}

/** Changes several leads, a few at a time. Returns why some could not be. */
async function changeAll(client: QueryClient, patches: readonly { lead: Lead; patch: LeadPatch }[]): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>()
  const left = [...patches]
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const { lead, patch } = next
      await patchLead(client, lead.id, patch).catch((error: unknown) => failed.set(lead.id, error))
    }
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, patches.length) }, work))
  return failed
}

function tellFailures(failed: ReadonlyMap<string, unknown>, leads: readonly Lead[]): void {
  const [first] = failed
  if (first === undefined) return
  const [id, error] = first
  const lead = leads.find((one) => one.id === id)
  const who = failed.size === 1 && lead !== undefined ? leadName(lead) : plural(failed.size, 'lead')
  toast(`${who} not changed. ${reason(error)}`, { look: 'error' })
}

/** Why a change was refused, in a sentence or two. */
export function reason(error: unknown): string {
  if (error instanceof ApiError && error.status === 412) return 'Somebody else changed it meanwhile; you see it as it is now.'
  if (error instanceof ApiError && error.status === 403) return 'Your role may not change leads.'
  if (error instanceof ApiError && error.fields.length > 0) return error.fields.map(({ detail }) => `It ${detail}.`).join(' ')
  return error instanceof Error ? error.message : 'Something went wrong.'
}

/** Records what was done towards a lead, now. */
export async function record(client: QueryClient, id: string, kind: Schema<'InteractionKind'>, text: string): Promise<void> {
  const properties: Schema<'FreeFields'> = text.trim() === '' ? {} : { text: text.trim() }
  await take(api.POST('/api/v1/leads/{id}/interactions', { params: { path: { id } }, body: { items: [{ kind, properties }] } }))
  await refresh(client, id)
}

/** Writes a note into the timeline of a lead. */
export async function writeNote(client: QueryClient, id: string, body: string): Promise<void> {
  await take(api.POST('/api/v1/leads/{id}/notes', { params: { path: { id } }, body: { body } }))
  await refresh(client, id)
}

/** Deletes what a note says; one that is deleted already is as it should be. */
export async function deleteNote(client: QueryClient, id: string, note: string): Promise<void> {
  try {
    await take(api.DELETE('/api/v1/leads/{id}/notes/{note}', { params: { path: { id, note } } }))
  } catch (error) {
    if (!(error instanceof ApiError && error.status === 404)) throw error
  }
  await client.invalidateQueries({ queryKey: key('leads', id, 'timeline') })
}

/** Reads again what an interaction or a task has changed: the lead with its next step, score and timeline. */
export async function refresh(client: QueryClient, id: string): Promise<void> {
  const lead = await take(api.GET('/api/v1/leads/{id}', { params: { path: { id } } }))
  changeCached(client, id, () => lead)
  await client.invalidateQueries({ queryKey: key('leads', id) })
}

export async function createLead(client: QueryClient, body: Schema<'LeadIn'>): Promise<Lead> {
  const lead = await take(api.POST('/api/v1/leads', { body }))
  void client.invalidateQueries({ queryKey: key('leads', 'list') })
  void client.invalidateQueries({ queryKey: key('leads', 'counts') })
  return lead
}

/** Removes the person with everything known about them. There is no way back. */
export async function eraseLead(client: QueryClient, id: string): Promise<void> {
  await take(api.DELETE('/api/v1/leads/{id}', { params: { path: { id } } }))
  forget(client, id)
  void client.invalidateQueries({ queryKey: key('leads', 'list') })
  void client.invalidateQueries({ queryKey: key('leads', 'counts') })
}
