import type { ServerResponse } from 'node:http'
import type { TokenUsage } from '@causeway/contracts'
import type { FinishReason } from '../model-response.ts'

/** An answer that has begun. */
export interface ChatAnswer {
  /**
   * Writes the answer up to its end. The status and headers of the gateway are set before; this adds its own.
   * @throws ProviderFailure when the provider breaks off, the reason of the call's signal when that aborts
   */
  send(response: ServerResponse): Promise<void>
  /** What has been used up to now. */
  use(): { usage: TokenUsage; usageEstimated: boolean; finishReason: FinishReason | undefined }
}
