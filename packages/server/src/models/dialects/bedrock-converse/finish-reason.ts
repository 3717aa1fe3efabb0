import type { ModelEvent } from '../../model-event.ts'
import type { FinishReason } from '../../model-response.ts'
import type { WireAnswer } from './wire.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  stop_sequence: 'stop-sequence',
  guardrail_intervened: 'content-filter',
  content_filtered: 'content-filter',
  refusal: 'refusal',
  pause_turn: 'pause',
}

/** The end of an answer. A reason that is not known counts as an ordinary end, so that a new word breaks no run. */
export function finishedEvent(
  answer: Pick<WireAnswer, 'stopReason' | 'additionalModelResponseFields'>,
): ModelEvent & { type: 'finished' } {
  const { stopReason, additionalModelResponseFields: fields } = answer
  const stopSequence = fields?.stop_sequence ?? fields?.delta?.stop_sequence
  return { type: 'finished', reason: reasons[stopReason ?? ''] ?? 'stop', ...(stopSequence && { stopSequence }) }
}
