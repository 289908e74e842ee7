// Starts the UI: settings on the document, the cache, the router, the first render.
import './styles/tokens.css'
import './styles/base.css'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { createQueryClient } from './api/query'
import { handleKey } from './keyboard/registry'
import { createAppRouter, startPage } from './router'
import { applyPreferences } from './state/preferences'

applyPreferences()
const client = createQueryClient()
const router = createAppRouter(client)
startPage(router, client)
window.addEventListener('keydown', handleKey)

const root = document.getElementById('root')
if (root === null) throw new Error('the page has no place for the UI')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
