// The newest notifications behind the bell.
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Button, buttonClass } from '~/components/Button'
import { ErrorState, Skeleton } from '~/components/states'
import { NotificationRow } from './NotificationRow'
import styles from './Notifications.module.css'
import { notificationsQuery } from './queries'
import { useMark } from './useMark'

const MOST = 8

export default function NotificationPanel({ onClose }: { onClose: () => void }) {
  const mark = useMark()
  const { data, isPending, error, refetch } = useInfiniteQuery(notificationsQuery())
  const items = data?.pages[0]?.items ?? []
  const unread = data?.pages[0]?.unread ?? 0
  return (
    <>
      <div className={styles.head}>
        <h2>Notifications</h2>
        {unread > 0 && <Button look="plain" onClick={() => mark(items, true)}>Mark all as read</Button>}
      </div>
      {isPending ? <Skeleton rows={4} label="Loading the notifications" />
        : error !== null ? <div className={styles.pad}><ErrorState error={error} what="The notifications" onRetry={() => void refetch()} /></div>
        : items.length === 0 ? <p className={styles.none}>Nothing yet. Tasks that are due and leads that come to you are told here.</p>
        : <ul>{items.slice(0, MOST).map((one) => <NotificationRow key={one.id} notification={one} onOpen={onClose} />)}</ul>}
      <div className={styles.foot}><Link to="/notifications" className={buttonClass('plain')} onClick={onClose}>All notifications</Link></div>
    </>
  )
}
