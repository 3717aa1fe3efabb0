import type { ModelEvent } from '../../model-event.ts'
import { cutOff } from '../../provider-failure.ts'
import { streamedError } from '../../providers/transport/streamed-error.ts'
import { isRecord } from '../head-members.ts'
import { readFinishReason } from './finish-reason.ts'
import { createItemReader } from './item-reader.ts'
import { usageEvent } from './usage.ts'
import { WireResponse } from './wire.ts'

/** The events of a whole response. */
export function readResponsesAnswer(provider: string, body: unknown): ModelEvent[] {
  const parsed = WireResponse.safeParse(body)
  if (!parsed.success) throw streamedError(provider, { message: 'the answer could not be read' }, parsed.error)
  const response = parsed.data
  requireGood(provider, response)
  if (!response.output) throw cutOff(provider)
  const seen = { toolCalls: false, refusal: false }
  let calls = 0
  const items = response.output.flatMap(item => [...createItemReader({ seen, callIndex: () => calls++ }).end(item)])
  const usage = usageEvent(response)
  return [
    startedEvent(response),
    ...items,
    ...(usage ? [usage] : []),
    ...(isUnfinished(response) ? [] : [{ type: 'finished', reason: readFinishReason(response, seen) } as const]),
  ]
}

export const startedEvent = ({ id, model }: WireResponse): ModelEvent => ({
  type: 'started',
  ...(id && { id }),
  ...(model && { model }),
})

/** @throws ProviderFailure where the response is one that failed */
export function requireGood(provider: string, { status, error }: WireResponse): void {
  if (isRecord(error) || status === 'failed' || status === 'cancelled') throw streamedError(provider, error)
}

/** Whether the provider still works at the response, in the background. */
const isUnfinished = ({ status }: WireResponse): boolean => status === 'queued' || status === 'in_progress'
