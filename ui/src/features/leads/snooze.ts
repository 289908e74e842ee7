// Leads that are put off until a time, or until they ask something.
import type { Lead } from './queries'

/** Until when a lead is put off; null when it is not. */
export function snoozedUntil({ snoozed_until: until }: Pick<Lead, 'snoozed_until'>, now: Date): Date | null {
  const at = until == null ? null : new Date(until)
  return at !== null && at > now ? at : null
}

/** Whether a lead belongs to the list of those that are put off (`only`), or to the others. */
export function belongs(lead: Pick<Lead, 'snoozed_until'>, only: boolean, now: Date): boolean {
  return (snoozedUntil(lead, now) !== null) === only
}
