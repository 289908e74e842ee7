// Marking as read, with a word when it fails.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { refused } from '~/components/Refusal'
import { toast } from '~/state/toasts'
import { markRead, type Notification } from './queries'

export function useMark(): (notifications: readonly Notification[], all?: boolean) => void {
  const client = useQueryClient()
  return useCallback((notifications, all) => {
    markRead(client, notifications, all).catch((error: unknown) => toast(refused(error, 'The notification'), { look: 'error' }))
  }, [client])
}
