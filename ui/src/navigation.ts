// The pages of the rail, the palette and the G shortcuts. A page adds one line; only pages that exist are here.
import type { LinkProps } from '@tanstack/react-router'
import type { IconName } from '~/components/Icon'
import { importers, type Role } from '~/state/session'

export interface Place {
  to: NonNullable<LinkProps['to']>
  label: string
  icon: IconName
  /** Pressed after G. */
  letter: string
  /** `rail`: always in sight; `more`: behind "More" on a phone, below the others in the rail. */
  where: 'rail' | 'more'
  /** The least role that may see it; everybody when absent. */
  role?: Role
  /** The only roles that may see it, where it is no matter of rank. */
  roles?: readonly Role[]
}

export const places: readonly Place[] = [
  { to: '/', label: 'Leads', icon: 'inbox', letter: 'i', where: 'rail' },
  { to: '/tasks', label: 'Tasks', icon: 'tasks', letter: 't', where: 'rail' },
  { to: '/homes', label: 'Homes', icon: 'map', letter: 'h', where: 'rail' },
  { to: '/searches', label: 'Saved', icon: 'saved', letter: 'v', where: 'rail' },
  { to: '/markets', label: 'Markets', icon: 'market', letter: 'm', where: 'rail' },
  { to: '/import', label: 'Import', icon: 'import', letter: 'u', where: 'more', roles: importers },
  { to: '/performance', label: 'Health', icon: 'speed', letter: 'p', where: 'more', role: 'admin' },
  { to: '/admin', label: 'Admin', icon: 'admin', letter: 'a', where: 'more' },
  { to: '/api-docs', label: 'API', icon: 'api', letter: 'd', where: 'more' },
  { to: '/settings', label: 'Settings', icon: 'settings', letter: ',', where: 'more' },
]
