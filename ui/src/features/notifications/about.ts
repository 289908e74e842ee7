// What a notification is about: its picture, and where it leads.
import type { LinkProps } from '@tanstack/react-router'
import type { IconName } from '~/components/Icon'
import { daysUntil } from '~/format/time'
import type { Notification } from './queries'

export const icons: Record<Notification['kind'], IconName> = {
  task_due: 'tasks', lead_assigned: 'user', lead_hot: 'star', behaviour: 'speed', homes_found: 'home', import_finished: 'import', job_dead: 'alert',
}

export type Target = Pick<LinkProps, 'to' | 'params' | 'search'>

/** The page of what it is about; null when there is none any more. */
export function targetOf({ kind, lead_id: lead, subject_id: subject }: Notification): Target | null {
  if (kind === 'homes_found' && subject != null) return { to: '/searches', search: { search: subject } }
  if (kind === 'import_finished') return { to: '/import', search: { import: subject ?? undefined } }
  if (kind === 'job_dead') return { to: '/admin/jobs', search: { job: subject ?? undefined } }
  return lead == null ? null : { to: '/leads/$id', params: { id: lead } }
}

/** By day: today, yesterday, before; each that has some, in order. */
export function byDay(notifications: readonly Notification[], now: Date): [string, Notification[]][] {
  const heading = ({ created_at: at }: Notification) => {
    const days = daysUntil(new Date(at), now)
    return days >= 0 ? 'Today' : days === -1 ? 'Yesterday' : 'Before'
  }
  const days = new Map<string, Notification[]>()
  for (const one of notifications) days.set(heading(one), [...(days.get(heading(one)) ?? []), one])
  return [...days]
}
