import type { Logger } from '../telemetry/index.ts'
import type { Approvals } from './create-approvals.ts'

const everyMs = 5_000

/** Hands up and closes overdue approvals now and then, on every replica; the first to come wins. @returns the end of it */
export function startExpiry({ approvals, logger }: { approvals: Approvals; logger: Logger }): () => void {
  let running = false
  const timer = setInterval(() => {
    if (running) return
    running = true
    approvals
      .escalate()
      .then(() => approvals.expire())
      .catch((error: unknown) => logger.warn({ err: error }, 'overdue approvals could not be handed up and closed'))
      .finally(() => (running = false))
  }, everyMs)
  return () => clearInterval(timer)
}
