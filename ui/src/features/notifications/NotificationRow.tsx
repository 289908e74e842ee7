// One notification: opened it is read.
import { useNavigate } from '@tanstack/react-router'
import { IconButton } from '~/components/Button'
import { Icon } from '~/components/Icon'
import { Time } from '~/components/Time'
import { icons, targetOf } from './about'
import styles from './Notifications.module.css'
import { useMark } from './useMark'
import type { Notification } from './queries'

export function NotificationRow({ notification, onOpen }: { notification: Notification; onOpen?: () => void }) {
  const mark = useMark()
  const open = useOpen(onOpen)
  const isNew = notification.read_at == null
  const { id, kind, title, created_at: at } = notification
  return (
    <li className={styles.row} data-new={isNew} data-notification={id}>
      <button type="button" className={styles.open} onClick={() => open(notification)}>
        <span className={styles.icon}><Icon name={icons[kind]} size={16} /></span>
        <span className={styles.title}>{isNew && <span className="unseen">Not read: </span>}{title}</span>
        <span className={styles.time}><Time at={at} /></span>
      </button>
      {isNew ? <IconButton icon="check" label={`Mark as read: ${title}`} onClick={() => mark([notification])} /> : <span />}
    </li>
  )
}

/** Marks as read and goes to what it is about. */
export function useOpen(onOpen?: () => void): (notification: Notification) => void {
  const navigate = useNavigate()
  const mark = useMark()
  return (notification) => {
    mark([notification])
    onOpen?.()
    const target = targetOf(notification)
    if (target !== null) void navigate(target as Parameters<typeof navigate>[0])
  }
}
