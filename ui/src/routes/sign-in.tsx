// `/sign-in?next&why`
import { createFileRoute } from '@tanstack/react-router'
import { SignInPage } from '~/features/session/SignInPage'
import { oneOf, text, urlSchema } from '~/url'

export const Route = createFileRoute('/sign-in')({
  validateSearch: urlSchema({ next: text(2000), why: oneOf(['expired', 'out']) }),
  component: SignIn,
})

function SignIn() {
  return <SignInPage {...Route.useSearch()} />
}
