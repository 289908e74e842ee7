// `/admin`: leads to the first of its pages that the role may see.
import { createFileRoute, redirect } from '@tanstack/react-router'
import { atLeast } from '~/state/session'

export const Route = createFileRoute('/_app/admin/')({
  beforeLoad({ context: { session } }) {
    throw redirect({ to: session !== null && atLeast(session.role, 'admin') ? '/admin/users' : '/admin/models', replace: true })
  },
})
