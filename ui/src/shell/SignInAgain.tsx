// The session ended while a page was open: sign in again without losing the page.
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { Dialog } from '~/components/Dialog'
import { SignInForm } from '~/features/session/SignInForm'
import { useSession } from '~/state/session'

export default function SignInAgain() {
  const client = useQueryClient()
  const router = useRouter()
  const session = useSession()
  const goOn = async () => {
    await client.invalidateQueries({ refetchType: 'active' })
    await router.invalidate()
  }
  return (
    <Dialog title="Your session has ended" width={400} onClose={() => void router.navigate({ to: '/sign-in', search: { next: router.state.location.href, why: 'expired' } })}>
      <SignInForm known={session} note="Sign in again; this page stays as it is." onDone={() => void goOn()} />
    </Dialog>
  )
}
