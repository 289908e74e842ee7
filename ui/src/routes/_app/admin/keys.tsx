// `/admin/keys`
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { KeysPage } from '~/features/admin/KeysPage'

export const Route = createFileRoute('/_app/admin/keys')({ component: KeysPage, errorComponent: routeError('The keys') })
