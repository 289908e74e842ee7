// `/admin/users`
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { UsersPage } from '~/features/admin/UsersPage'

export const Route = createFileRoute('/_app/admin/users')({ component: UsersPage, errorComponent: routeError('The users') })
