import { CausewayError } from '@causeway/contracts'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { startTheme } from './parts/theme.tsx'
import { router } from './router.tsx'
import './styles.css'

startTheme()

/** Whoever is not signed in any more is asked to, and comes back to where they were. */
function toSignIn(error: Error): void {
  const signedOut = error instanceof CausewayError && error.status === 401
  const { pathname, search } = window.location
  if (signedOut && pathname !== '/sign-in')
    void router.navigate({ to: '/sign-in', search: { from: pathname + search } })
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError: toSignIn }),
  mutationCache: new MutationCache({ onError: toSignIn }),
  // The client of the platform repeats what may be repeated by itself.
  defaultOptions: { queries: { retry: false } },
})

const element = document.getElementById('root')
if (element)
  createRoot(element).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </StrictMode>,
  )
