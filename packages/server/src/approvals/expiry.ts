import { repeatedly } from '../jobs/index.ts'
import type { Logger } from '../telemetry/index.ts'
import type { Approvals } from './create-approvals.ts'

const everyMs = 5_000

/** Hands up and closes overdue approvals now and then, on every replica; the first to come wins. @returns the end of it */
export function startExpiry({ approvals, logger }: { approvals: Approvals; logger: Logger }): () => Promise<void> {
  const close = async (): Promise<void> => {
    await approvals.escalate()
    await approvals.expire()
  }
  return repeatedly(close, {
    everyMs,
    onError: error => logger.warn({ err: error }, 'overdue approvals could not be handed up and closed'),
  })
}
