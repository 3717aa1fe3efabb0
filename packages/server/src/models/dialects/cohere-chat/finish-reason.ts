import type { ModelEvent } from '../../model-event.ts'
import type { FinishReason } from '../../model-response.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  COMPLETE: 'stop',
  STOP_SEQUENCE: 'stop-sequence',
  MAX_TOKENS: 'length',
  ERROR_LIMIT: 'length',
  TOOL_CALL: 'tool-calls',
  ERROR_TOXIC: 'content-filter',
}

/**
 * The end of an answer. A reason that is not known counts as an ordinary end.
 * @throws ProviderFailure where the reason is a failure
 */
export function finishedEvent(provider: string, reason: string, error?: string | null): ModelEvent {
  if (reason === 'ERROR' || reason === 'TIMEOUT') throw streamedError(provider, { message: error ?? reason })
  return { type: 'finished', reason: reasons[reason] ?? 'stop' }
}
