import { countAllQueued } from './agents/index.ts'
import { countAllPending } from './approvals/index.ts'
import type { Connection } from './database/index.ts'
import { countAllFiring } from './objectives/index.ts'
import type { Metrics } from './telemetry/index.ts'
import { countOverdue } from './tool-reviews/index.ts'

/** Gauges of what waits, over all tenants, counted when they are asked for. */
export function gaugeWhatWaits(metrics: Pick<Metrics, 'gauge'>, connection: Connection): void {
  metrics.gauge('causeway_runs_queued', 'Runs that wait for a worker', () => countAllQueued(connection))
  metrics.gauge('causeway_approvals_pending', 'Calls that wait for a person', () => countAllPending(connection))
  metrics.gauge('causeway_objective_alerts_firing', 'Alerts of objectives whose error budget burns too fast', () =>
    countAllFiring(connection),
  )
  metrics.gauge('causeway_tool_reviews_overdue', 'Reviews of tools whose time is over', () => countOverdue(connection))
}
