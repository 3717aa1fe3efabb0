import type { Database } from '../database/index.ts'
import { revokedChannel } from '../identity/index.ts'
import type { Notifications } from './notifications.ts'
import { cancelChannel, findWantedStop, type ClaimedRun, type WantedStop } from './run-store.ts'

/** Why a segment gives a run up before it is done. */
export type StopReason = WantedStop | 'seconds' | 'shutdown'

/** Thrown where a segment gives up. */
export class SegmentStopped extends Error {
  override readonly name = 'SegmentStopped'
  readonly reason: StopReason
  constructor(reason: StopReason) {
    super(`the segment stops: ${reason}`)
    this.reason = reason
  }
}

/** How often the row is looked at, in case a notification was lost, in milliseconds. */
const pollMs = 5000

/** A signal that fires when the run is cancelled, the key that started it revoked, its time up, or the replica shuts down. */
export function watchForStop(
  { database, notifications }: { database: Database; notifications: Notifications },
  run: ClaimedRun,
  shutdown: AbortSignal,
): { signal: AbortSignal } & AsyncDisposable {
  const controller = new AbortController()
  const stop = (reason: StopReason): void => controller.abort(new SegmentStopped(reason))
  const onShutdown = (): void => stop('shutdown')
  if (run.stop) stop(run.stop)
  if (shutdown.aborted) onShutdown()
  shutdown.addEventListener('abort', onShutdown, { once: true })

  const remainingMs = run.limits.seconds * 1000 - run.workedMs
  const deadline = setTimeout(() => stop('seconds'), Math.max(0, Math.min(remainingMs, 2 ** 31 - 1)))
  const check = async (): Promise<void> => {
    const wanted = await findWantedStop(database.kysely, run.scope, run.id)
    if (wanted) stop(wanted)
  }
  const onTold = (): void => void check().catch(() => undefined)
  const poll = setInterval(onTold, pollMs)
  const unwatch = [
    notifications.watch(cancelChannel, run.id, onTold),
    notifications.watch(revokedChannel, run.apiKeyId, onTold),
  ]

  return {
    signal: controller.signal,
    async [Symbol.asyncDispose]() {
      clearTimeout(deadline)
      clearInterval(poll)
      shutdown.removeEventListener('abort', onShutdown)
      for (const end of unwatch) end()
    },
  }
}
