// `/admin/audit?q`
import { createFileRoute } from '@tanstack/react-router'
import { routeError } from '~/components/states'
import { AuditPage } from '~/features/admin/AuditPage'
import { auditUrl } from '~/features/admin/url'

export const Route = createFileRoute('/_app/admin/audit')({ validateSearch: auditUrl, component: Audit, errorComponent: routeError('The audit log') })

function Audit() {
  const search = Route.useSearch()
  const navigate = Route.useNavigate()
  return <AuditPage search={search} onChange={(change) => void navigate({ search: (before) => ({ ...before, ...change }), replace: true })} />
}
