// Notifications: all that the reader was told, by day.
import { useInfiniteQuery } from '@tanstack/react-query'
import { useRef } from 'react'
import { Button } from '~/components/Button'
import { Choice } from '~/components/Choice'
import { EmptyState, ErrorState, Skeleton } from '~/components/states'
import { count } from '~/format/numbers'
import { useShortcuts } from '~/keyboard/registry'
import { Page } from '~/shell/Page'
import { useNow } from '~/state/now'
import { byDay } from './about'
import { NotificationRow } from './NotificationRow'
import styles from './Notifications.module.css'
import { notificationsQuery, type Notification } from './queries'
import type { NotificationsUrl } from './url'
import { useMark } from './useMark'

interface Props {
  search: NotificationsUrl
  onChange: (change: NotificationsUrl) => void
}

export function NotificationsPage({ search: { show }, onChange }: Props) {
  const now = useNow()
  const mark = useMark()
  const { data, isPending, error, refetch, hasNextPage, isFetchingNextPage, fetchNextPage } = useInfiniteQuery(notificationsQuery(show === 'unread' ? true : undefined))
  const all = data?.pages.flatMap((page) => page.items) ?? []
  // What was read a moment ago stays where it is until the list is asked for again.
  const unread = data?.pages[0]?.unread ?? 0
  const list = useListKeys(all, (one) => mark([one]))
  return (
    <Page title="Notifications" numbers={data === undefined ? [] : [{ label: 'Not read', value: count(unread) }]}>
      <div className={styles.bar}>
        <Choice legend="Show" hideLegend value={show ?? 'all'} options={[['all', 'All'], ['unread', 'Not read']]} onChange={(next) => onChange({ show: next === 'all' ? undefined : next })} />
        {unread > 0 && <Button icon="check" onClick={() => mark(all, true)}>Mark all as read</Button>}
      </div>
      {isPending ? <Skeleton rows={8} label="Loading the notifications" />
        : error !== null ? <ErrorState error={error} what="The notifications" onRetry={() => void refetch()} />
        : all.length === 0 ? <EmptyState title={show === 'unread' ? 'All is read' : 'Nothing yet'}>Tasks that are due, leads that were handed to you or have become hot, and homes that were found for them are told here.</EmptyState>
        : (
          <div ref={list} className={styles.days}>
            {byDay(all, now).map(([day, some]) => (
              <section key={day} aria-label={day}>
                <h2>{day}</h2>
                <ul>{some.map((one) => <NotificationRow key={one.id} notification={one} />)}</ul>
              </section>
            ))}
            {hasNextPage && <Button look="plain" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>More</Button>}
          </div>
        )}
    </Page>
  )
}

/** J and K through the list; X marks the one with the focus. */
function useListKeys(all: readonly Notification[], mark: (one: Notification) => void) {
  const list = useRef<HTMLDivElement>(null)
  const at = () => {
    const id = document.activeElement?.closest<HTMLElement>('[data-notification]')?.dataset.notification
    return all.findIndex((one) => one.id === id)
  }
  const focus = (index: number) => {
    const one = all[Math.max(0, Math.min(all.length - 1, index))]
    if (one !== undefined) list.current?.querySelector<HTMLElement>(`[data-notification="${one.id}"] button`)?.focus()
  }
  const group = 'Notifications'
  useShortcuts([
    { keys: 'j', label: 'Next notification', group, run: () => focus(at() + 1) },
    { keys: 'k', label: 'Previous notification', group, run: () => focus(at() - 1) },
    {
      keys: 'x', label: 'Mark as read', group, run: () => {
        const one = all[at()]
        if (one === undefined) return
        focus(at())
        mark(one)
      },
    },
  ])
  return list
}
