// The guard and the frame of every page behind the sign-in.
import { createFileRoute, redirect } from '@tanstack/react-router'
import { isSignedOut } from '~/api/errors'
import { routeError } from '~/components/states'
import { Shell } from '~/shell/Shell'
import { sessionQuery } from '~/state/session'

export const Route = createFileRoute('/_app')({
  async beforeLoad({ context: { client }, location }) {
    try {
      return { session: await client.query({ ...sessionQuery, staleTime: 'static' }) }
    } catch (error) {
      if (isSignedOut(error)) throw redirect({ to: '/sign-in', search: { next: location.href === '/' ? undefined : location.href } })
      throw error
    }
  },
  // Every page needs the frame: it comes with the first file.
  codeSplitGroupings: [],
  component: Shell,
  errorComponent: routeError('The page'),
})
