import { CausewayError, type WorkerResult } from '@causeway/contracts'
import { backoffMs, delay } from '../client/delay.ts'
import type { Client } from '../client/create-client.ts'
import { PlatformUnreachableError } from '../client/platform-unreachable-error.ts'

const attemptsAtMost = 5

/** Sends the result of a call; repeated while the failure may pass. @throws CausewayError, PlatformUnreachableError */
export async function reportResult(client: Client, workerId: string, result: WorkerResult): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.http.json(`/v1/workers/${encodeURIComponent(workerId)}/results`, { method: 'POST', body: result })
      return
    } catch (error) {
      // An attempt before this one may have arrived, although its answer did not.
      if (attempt > 1 && error instanceof CausewayError && error.code === 'not-found') return
      const passing = error instanceof PlatformUnreachableError || (error instanceof CausewayError && error.retryable)
      if (!passing || attempt >= attemptsAtMost) throw error
      await delay(backoffMs(attempt, 200, 5000))
    }
  }
}
