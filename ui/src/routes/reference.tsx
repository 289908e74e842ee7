// `/reference`: where the reference of the API was; leads to where it is.
import { createFileRoute, redirect } from '@tanstack/react-router'
import { referenceUrl } from '~/features/reference/url'

export const Route = createFileRoute('/reference')({
  validateSearch: referenceUrl,
  beforeLoad({ search }) {
    throw redirect({ to: '/api-docs', search, replace: true })
  },
})
