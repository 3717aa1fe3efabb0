import type { FinishReason } from '../../model-response.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  length: 'length',
  model_length: 'length',
  content_filter: 'content-filter',
}

/** A reason that is not known counts as an ordinary end, so that a new word of a provider breaks no run. */
export const readFinishReason = (reason: string): FinishReason => reasons[reason] ?? 'stop'

const written: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  'stop-sequence': 'stop',
  'tool-calls': 'tool_calls',
  length: 'length',
  'content-filter': 'content_filter',
  // A refusal is told in a field of its own and is an ordinary end.
  refusal: 'stop',
  pause: 'stop',
}

export const writeFinishReason = (reason: FinishReason): string => written[reason]
