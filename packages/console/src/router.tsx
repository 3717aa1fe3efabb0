import { ApprovalStatus, RunStatus } from '@causeway/contracts'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import * as z from 'zod'
import { Layout } from './parts/layout.tsx'
import { Empty } from './parts/problem.tsx'
import { RunsPage } from './pages/runs.tsx'
import { SignInPage } from './pages/sign-in.tsx'

// What an address carries that cannot be used is dropped, not refused.
const text = z.string().max(500).optional().catch(undefined)
const paging = { environment: text, cursor: text }

const root = createRootRoute({ notFoundComponent: () => <Empty title="There is no such page" /> })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: SignInPage,
  validateSearch: z.object({ from: text }),
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/runs' })
  },
})

const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Layout })

const runs = createRoute({
  getParentRoute: () => frame,
  path: '/runs',
  component: RunsPage,
  validateSearch: z.object({ ...paging, agent: text, status: RunStatus.optional().catch(undefined) }),
})

const run = createRoute({
  getParentRoute: () => frame,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./pages/run.tsx'), 'RunPage'),
  validateSearch: z.object({ environment: text }),
})

const approvals = createRoute({
  getParentRoute: () => frame,
  path: '/approvals',
  component: lazyRouteComponent(() => import('./pages/approvals.tsx'), 'ApprovalsPage'),
  validateSearch: z.object({ ...paging, status: ApprovalStatus.optional().catch(undefined) }),
})

const agents = createRoute({
  getParentRoute: () => frame,
  path: '/agents',
  component: lazyRouteComponent(() => import('./pages/agents.tsx'), 'AgentsPage'),
  validateSearch: z.object({ environment: text }),
})

export const router = createRouter({
  routeTree: root.addChildren([signIn, home, frame.addChildren([runs, run, approvals, agents])]),
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
