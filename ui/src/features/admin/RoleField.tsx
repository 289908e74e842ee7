// The choice of a role: what each may do, and only those that the caller may hand out.
import { SelectField } from '~/components/Field'
import { sentence } from '~/format/words'
import { useSession, type Role } from '~/state/session'

const words: Record<Role, string> = {
  'read-only': 'reads leads, homes and markets',
  agent: 'works with leads and homes',
  analyst: 'reads, and imports files',
  admin: 'everything, but makes no owners',
  owner: 'everything',
}
const order: readonly Role[] = ['agent', 'analyst', 'read-only', 'admin', 'owner']

export function RoleField({ problem }: { problem?: string }) {
  const { role } = useSession()
  const offered = order.filter((one) => role === 'owner' || one !== 'owner')
  return (
    <SelectField label="Role" name="role" defaultValue="agent" problem={problem}>
      {offered.map((one) => <option key={one} value={one}>{sentence(one)}: {words[one]}</option>)}
    </SelectField>
  )
}

/** The role that was chosen in a form. */
export function roleOf(values: FormData): Role {
  return order.find((one) => one === values.get('role')) ?? 'read-only'
}
