import type { FinishReason } from '../../model-response.ts'

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  tool_calls: 'tool-calls',
  function_call: 'tool-calls',
  length: 'length',
  content_filter: 'content-filter',
}

/** A reason that is not known counts as an ordinary end, so that a new word of a provider breaks no run. */
export const readFinishReason = (reason: string): FinishReason => reasons[reason] ?? 'stop'

export const writeFinishReason = (reason: FinishReason): string => reason.replace('-', '_')
