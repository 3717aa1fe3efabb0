import { ApprovalStatus, IncidentStatus, ModelCallOutcome, RunStatus, ToolReviewState } from '@causeway/contracts'
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import * as z from 'zod'
import { Layout } from './parts/layout.tsx'
import { PageMissing, PageBroken } from './pages/broken.tsx'
import { Since } from './parts/since.ts'

// What an address carries that cannot be used is dropped, not refused.
const text = z.string().max(500).optional().catch(undefined)
const paging = { environment: text, cursor: text }

const root = createRootRoute()

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./pages/sign-in.tsx'), 'SignInPage'),
  validateSearch: z.object({ from: text }),
})

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: z.object({ environment: text }),
  beforeLoad: ({ search }) => {
    throw redirect({ to: '/runs', search })
  },
})

const frame = createRoute({
  getParentRoute: () => root,
  id: 'frame',
  component: Layout,
})

const runs = createRoute({
  getParentRoute: () => frame,
  path: '/runs',
  component: lazyRouteComponent(() => import('./pages/runs.tsx'), 'RunsPage'),
  validateSearch: z.object({
    ...paging,
    agent: text,
    status: RunStatus.optional().catch(undefined),
    session: text,
    since: Since.optional().catch(undefined),
    after: text,
    before: text,
  }),
})

const run = createRoute({
  getParentRoute: () => frame,
  path: '/runs/$runId',
  component: lazyRouteComponent(() => import('./pages/run.tsx'), 'RunPage'),
  validateSearch: z.object({ environment: text }),
})

const modelCalls = createRoute({
  getParentRoute: () => frame,
  path: '/model-calls',
  component: lazyRouteComponent(() => import('./pages/model-calls.tsx'), 'ModelCallsPage'),
  validateSearch: z.object({
    ...paging,
    outcome: ModelCallOutcome.optional().catch(undefined),
    route: text,
    provider: text,
    model: text,
    key: text,
    team: text,
    user: text,
    agent: text,
    session: text,
    cost: z.coerce.number().min(0).max(1_000_000).optional().catch(undefined),
    since: Since.optional().catch(undefined),
    after: text,
    before: text,
  }),
})

const modelCall = createRoute({
  getParentRoute: () => frame,
  path: '/model-calls/$callId',
  component: lazyRouteComponent(() => import('./pages/model-call.tsx'), 'ModelCallPage'),
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

const toolReviews = createRoute({
  getParentRoute: () => frame,
  path: '/tool-reviews',
  component: lazyRouteComponent(() => import('./pages/tool-reviews.tsx'), 'ToolReviewsPage'),
  validateSearch: z.object({ ...paging, state: ToolReviewState.optional().catch(undefined), tool: text }),
})

const toolReview = createRoute({
  getParentRoute: () => frame,
  path: '/tool-reviews/$reviewId',
  component: lazyRouteComponent(() => import('./pages/tool-review.tsx'), 'ToolReviewPage'),
  validateSearch: z.object({ environment: text }),
})

const freezes = createRoute({
  getParentRoute: () => frame,
  path: '/freezes',
  component: lazyRouteComponent(() => import('./pages/freezes.tsx'), 'FreezesPage'),
  validateSearch: z.object({ ...paging, past: z.boolean().optional().catch(undefined) }),
})

const memories = createRoute({
  getParentRoute: () => frame,
  path: '/memories',
  component: lazyRouteComponent(() => import('./pages/memories.tsx'), 'MemoriesPage'),
  validateSearch: z.object({ ...paging, store: text, person: text, agent: text }),
})

const incidents = createRoute({
  getParentRoute: () => frame,
  path: '/incidents',
  component: lazyRouteComponent(() => import('./pages/incidents.tsx'), 'IncidentsPage'),
  validateSearch: z.object({ ...paging, status: IncidentStatus.optional().catch(undefined), about: text }),
})

const incident = createRoute({
  getParentRoute: () => frame,
  path: '/incidents/$incidentId',
  component: lazyRouteComponent(() => import('./pages/incident.tsx'), 'IncidentPage'),
  validateSearch: z.object({ environment: text }),
})

const objectives = createRoute({
  getParentRoute: () => frame,
  path: '/objectives',
  component: lazyRouteComponent(() => import('./pages/objectives.tsx'), 'ObjectivesPage'),
  validateSearch: z.object(paging),
})

// Every other address stands in the same frame.
const missing = createRoute({
  getParentRoute: () => frame,
  path: '$',
  component: PageMissing,
  validateSearch: z.object({ environment: text }),
})

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    home,
    frame.addChildren([
      runs,
      run,
      modelCalls,
      modelCall,
      approvals,
      agents,
      toolReviews,
      toolReview,
      freezes,
      memories,
      objectives,
      incidents,
      incident,
      missing,
    ]),
  ]),
  defaultErrorComponent: PageBroken,
  defaultPreload: 'intent',
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
