// The guard and the frame of every page behind the sign-in, and of those that are open to everybody.
import { createFileRoute, redirect } from '@tanstack/react-router'
import { isSignedOut } from '~/api/errors'
import { routeError } from '~/components/states'
import { Starting } from '~/features/session/Outside'
import { GuestFrame } from '~/shell/GuestFrame'
import { Shell } from '~/shell/Shell'
import { sessionQuery } from '~/state/session'

const isOpen = (path: string) => /^\/api-docs\/?$/.test(path)

export const Route = createFileRoute('/_app')({
  async beforeLoad({ context: { client }, location }) {
    const open = isOpen(location.pathname)
    // Who was found to be nobody on an open page is not asked again with each change of its address.
    if (open && isSignedOut(client.getQueryState(sessionQuery.queryKey)?.error)) return { session: null }
    try {
      return { session: await client.query({ ...sessionQuery, staleTime: 'static' }) }
    } catch (error) {
      if (!isSignedOut(error)) throw error
      if (open) return { session: null }
      throw redirect({ to: '/sign-in', search: { next: location.href === '/' ? undefined : location.href } })
    }
  },
  // Every page needs the frame: it comes with the first file.
  codeSplitGroupings: [],
  component: Frame,
  pendingComponent: Starting,
  errorComponent: routeError('The page'),
})

function Frame() {
  const { session } = Route.useRouteContext()
  return session === null ? <GuestFrame /> : <Shell />
}
