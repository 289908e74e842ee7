// The cache of server state and its rules.
import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { expire } from '~/state/session'
import { ApiError, isSignedOut, Unreachable } from './errors'
import { hashWithTenant } from './keys'

const MOST_RETRIES = 2

function noteExpiry(error: unknown): void {
  if (isSignedOut(error)) expire()
}

/** Only what may pass by itself is tried again. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (failures >= MOST_RETRIES) return false
  return error instanceof ApiError && (error.status === 503 || error.status === 429)
}

function delay(failures: number, error: unknown): number {
  const asked = error instanceof ApiError ? error.retryAfter : null
  return asked === null ? 500 * 2 ** failures : Math.min(asked, 10) * 1000
}

/** For loaders: waits until the cache has it. A failure is not thrown: the page shows it where the part would be. */
export async function ready(...queries: Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(queries)
}

export function createQueryClient(): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError(error, query) {
        // Asking who is signed in is how the guard finds out; it must not look like an expiry.
        if (query.queryKey[0] !== 'session') noteExpiry(error)
      },
    }),
    mutationCache: new MutationCache({ onError: noteExpiry }),
    defaultOptions: {
      queries: {
        queryKeyHashFn: hashWithTenant,
        // The event stream says what has changed; this is for what it does not cover.
        staleTime: 30_000,
        gcTime: 10 * 60_000,
        retry: shouldRetry,
        retryDelay: delay,
        networkMode: 'always',
        refetchOnWindowFocus: (query) => query.state.error instanceof Unreachable || query.isStale(),
      },
      mutations: { networkMode: 'always', retry: false },
    },
  })
}
