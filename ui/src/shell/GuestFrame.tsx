// The frame of a page that is open to everybody, for whoever is not signed in: no rail, no palette, no live connection.
import { Outlet } from '@tanstack/react-router'
import { spoken } from '~/state/announce'
import { useStore } from '~/state/store'
import styles from './Shell.module.css'
import { Toasts } from './Toasts'

export function GuestFrame() {
  return (
    <div className={`${styles.shell} ${styles.guest}`}>
      <a className={styles.skip} href="#main">Skip to the content</a>
      <main id="main" tabIndex={-1}><Outlet /></main>
      <Toasts />
      <div className="unseen" aria-live="polite">{useStore(spoken)}</div>
    </div>
  )
}
