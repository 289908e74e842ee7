// What the page of notifications reads from its address.
import { oneOf, urlSchema } from '~/url'

export const notificationsUrl = urlSchema({
  /** Only what was not read. */
  show: oneOf(['unread']),
})

export type NotificationsUrl = ReturnType<typeof notificationsUrl>
