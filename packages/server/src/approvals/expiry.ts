import type { Logger } from '../telemetry/index.ts'
import type { Approvals } from './create-approvals.ts'

const everyMs = 15_000

/** Closes overdue approvals now and then, on every replica; the first to come wins. @returns the end of it */
export function startExpiry({ approvals, logger }: { approvals: Approvals; logger: Logger }): () => void {
  let running = false
  const timer = setInterval(() => {
    if (running) return
    running = true
    approvals
      .expire()
      .catch((error: unknown) => logger.warn({ err: error }, 'overdue approvals could not be closed'))
      .finally(() => (running = false))
  }, everyMs)
  return () => clearInterval(timer)
}
