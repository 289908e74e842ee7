// The frame of the admin pages: the beam, the way between them, and who may see which.
import { Link } from '@tanstack/react-router'
import { useEffect, useRef, type ReactNode } from 'react'
import { Forbidden } from '~/components/states'
import { Page, type KeyNumber } from '~/shell/Page'
import { atLeast, useSession, type Role } from '~/state/session'
import styles from './Admin.module.css'

const pages = [
  { to: '/admin/users', label: 'Users', role: 'admin' },
  { to: '/admin/keys', label: 'Keys', role: 'admin' },
  { to: '/admin/jobs', label: 'Jobs', role: 'admin' },
  { to: '/admin/audit', label: 'Audit log', role: 'admin' },
  { to: '/admin/models', label: 'Models', role: 'read-only' },
  { to: '/admin/experiments', label: 'Experiments', role: 'read-only' },
] as const satisfies { to: string; label: string; role: Role }[]

interface Props {
  title: (typeof pages)[number]['label']
  numbers?: readonly KeyNumber[]
  actions?: ReactNode
  /** The content has panes that scroll by themselves. */
  fill?: boolean
  children: ReactNode
}

/** What the page asks of the server belongs into a child: it is rendered only for a role that may. */
export function AdminPage({ title, numbers, actions, fill = false, children }: Props) {
  const { role } = useSession()
  const needs = pages.find((page) => page.label === title)?.role ?? 'admin'
  const may = atLeast(role, needs)
  const tabs = useRef<HTMLElement>(null)
  // On a phone they do not all fit.
  useEffect(() => {
    tabs.current?.querySelector(`[href$='${pages.find((page) => page.label === title)?.to}']`)?.scrollIntoView({ inline: 'center', block: 'nearest' })
  }, [title])
  return (
    <Page title={title} numbers={numbers} actions={actions} fill={fill}>
      <div className={fill ? styles.fill : styles.flow}>
        <nav ref={tabs} className={styles.tabs} aria-label="Admin">
          <ul>
            {pages.filter((page) => atLeast(role, page.role) || page.label === title).map((page) => (
              <li key={page.to}><Link to={page.to} className={styles.tab} activeOptions={{ includeSearch: false }}>{page.label}</Link></li>
            ))}
          </ul>
        </nav>
        {may ? children : <div className={styles.content}><Forbidden what={title} needs={needs} /></div>}
      </div>
    </Page>
  )
}
