// The bell of every beam: how much the reader was not told yet, and the newest of it.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { lazy, Suspense, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'
import { Icon } from '~/components/Icon'
import { notificationsQuery } from '~/features/notifications/queries'
import { count } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import { announce } from '~/state/announce'
import { useIdle } from '~/state/idle'
import styles from './Bell.module.css'

const NotificationPanel = lazy(() => import('~/features/notifications/NotificationPanel'))

const MOST = 99

export function Bell() {
  const id = useId()
  const navigate = useNavigate()
  const { data } = useInfiniteQuery({ ...notificationsQuery(), enabled: useIdle() })
  const unread = data?.pages[0]?.unread ?? 0
  const { button, panel, open, setOpen, close } = usePanel()
  useTold(unread, data?.pages[0]?.items[0]?.title)
  useShortcuts([{ keys: 'g n', label: 'Notifications', group: 'Go to', run: () => void navigate({ to: '/notifications' }) }])
  return (
    <>
      <button ref={button} type="button" className={styles.bell} popoverTarget={id} aria-haspopup="dialog" aria-expanded={open} aria-label={unread > 0 ? `Notifications, ${count(unread)} not read` : 'Notifications'} title="Notifications">
        <Icon name="bell" size={18} />
        {unread > 0 && <span className={styles.count} aria-hidden="true">{unread > MOST ? `${MOST}+` : unread}</span>}
      </button>
      <div ref={panel} id={id} popover="auto" role="dialog" aria-label="Notifications" className={styles.panel} onToggle={(event) => setOpen(event.newState === 'open')}>
        {open && <Suspense><NotificationPanel onClose={close} /></Suspense>}
      </div>
    </>
  )
}

/** Below the bell, its right end at that of the bell. */
function usePanel() {
  const button = useRef<HTMLButtonElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  useLayoutEffect(() => {
    if (!open) return
    const [box, from] = [panel.current, button.current?.getBoundingClientRect()]
    if (box === null || from === undefined) return
    box.style.top = `${from.bottom + 6}px`
    const wide = document.documentElement.clientWidth
    box.style.right = `${Math.max(8, Math.min(wide - from.right, wide - box.offsetWidth - 8))}px`
  }, [open])
  return { button, panel, open, setOpen, close: () => panel.current?.hidePopover() }
}

/** Says what came while the page was open. */
function useTold(unread: number, newest: string | undefined): void {
  const before = useRef<number | null>(null)
  useEffect(() => {
    if (before.current !== null && unread > before.current && newest !== undefined) announce(`New notification: ${newest}`)
    before.current = newest === undefined ? null : unread
  }, [unread, newest])
}
