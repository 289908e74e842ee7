// The router: routes are files in routes/, addresses hold plain texts.
import type { QueryClient } from '@tanstack/react-query'
import { createRouter } from '@tanstack/react-router'
import { routeTree } from './routeTree.gen'
import { sessionQuery } from './state/session'
import { parseSearch, stringifySearch } from './url'

export function createAppRouter(client: QueryClient) {
  return createRouter({
    routeTree,
    context: { client },
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    // Hovering or focusing a link fetches what the page needs; Query knows what is still fresh.
    defaultPreload: 'intent',
    defaultPreloadStaleTime: 0,
    defaultPendingMs: 150,
    defaultPendingMinMs: 0,
  })
}

/**
 * Fetches the page at the address of the document while it is found out who is signed in, instead of afterwards. What fails is
 * told when the router asks for the same.
 */
export function startPage(router: ReturnType<typeof createAppRouter>, client: QueryClient): void {
  const [routes] = router.getMatchedRoutes(window.location.pathname)
  if (routes.some(({ id }) => id === '/_app')) client.query(sessionQuery).catch(() => undefined)
  for (const route of routes) router.loadRouteChunk(route)?.catch(() => undefined)
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof createAppRouter>
  }
}
