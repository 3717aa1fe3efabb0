import type { FinishReason } from '../../model-response.ts'

// Source: https://docs.claude.com/en/api/handling-stop-reasons
const read: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop-sequence',
  tool_use: 'tool-calls',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
  pause_turn: 'pause',
}

/** A reason that is not known counts as an ordinary end, so that a new word of the provider breaks no run. */
export const readStopReason = (reason: string): FinishReason => read[reason] ?? 'stop'

const written: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  'stop-sequence': 'stop_sequence',
  'tool-calls': 'tool_use',
  length: 'max_tokens',
  'content-filter': 'refusal',
  refusal: 'refusal',
  pause: 'pause_turn',
}

export const writeStopReason = (reason: FinishReason): string => written[reason]
