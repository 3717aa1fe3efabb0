import type { TokenUsage } from '@causeway/contracts'
import * as z from 'zod'
import type { ReportedBilling } from '../../model-event.ts'

const count = z.number().nullish().catch(undefined)

/** Cumulative. `input_tokens` leaves out what was read from or written to the prompt cache. */
export const WireUsage = z.looseObject({
  input_tokens: count,
  output_tokens: count,
  cache_read_input_tokens: count,
  cache_creation_input_tokens: count,
  service_tier: z.string().nullish().catch(undefined),
})
export type WireUsage = z.infer<typeof WireUsage>

/** Joins usage as it grows over the events of a stream: a later figure replaces an earlier one. */
export function mergeUsage(before: WireUsage, after: WireUsage): WireUsage {
  const known = Object.entries(after).filter(([, value]) => value !== null && value !== undefined)
  return { ...before, ...Object.fromEntries(known) }
}

export function readUsage(usage: WireUsage): TokenUsage {
  const cachedInputTokens = usage.cache_read_input_tokens ?? 0
  const cacheWriteTokens = usage.cache_creation_input_tokens ?? 0
  return {
    inputTokens: (usage.input_tokens ?? 0) + cachedInputTokens + cacheWriteTokens,
    outputTokens: usage.output_tokens ?? 0,
    cachedInputTokens,
    cacheWriteTokens,
    // Thinking is billed and counted as output; the API does not count it apart.
    reasoningTokens: 0,
  }
}

export const readBilling = ({ service_tier: serviceTier }: WireUsage): { billing?: ReportedBilling } =>
  serviceTier ? { billing: { serviceTier } } : {}

export const writeUsage = (usage: TokenUsage) => ({
  input_tokens: Math.max(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens),
  cache_creation_input_tokens: usage.cacheWriteTokens,
  cache_read_input_tokens: usage.cachedInputTokens,
  output_tokens: usage.outputTokens,
})
