import { CausewayError } from '@causeway/contracts'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { router } from './router.tsx'
import './styles.css'

const stored = localStorage.getItem('theme')
const preferred = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
document.documentElement.dataset['theme'] = stored === 'dark' || stored === 'light' ? stored : preferred

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
  defaultOptions: {
    queries: { retry: (failures, error) => failures < 2 && !(error instanceof CausewayError && !error.retryable) },
  },
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
