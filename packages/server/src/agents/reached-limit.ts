import type { LimitName, RunLimits, Spent } from '@causeway/contracts'

/** The limit that what was spent has reached, if any. `seconds` is watched by a timer, not here. */
export function reachedLimit(
  { spent, created }: { spent: Omit<Spent, 'seconds'>; created: { limits: RunLimits } },
  next: 'model' | 'tool',
  reservation: { tokens: number; nanoUsd: number } = { tokens: 0, nanoUsd: 0 },
): LimitName | undefined {
  const { limits } = created
  if (next === 'tool') return spent.toolCalls >= limits.toolCalls ? 'toolCalls' : undefined
  if (spent.steps >= limits.steps) return 'steps'
  if (spent.inputTokens + spent.outputTokens + reservation.tokens > limits.tokens) return 'tokens'
  if (spent.nanoUsd + reservation.nanoUsd > limits.costUsd * 1e9) return 'costUsd'
  return undefined
}
