import type { TokenUsage } from '@causeway/contracts'
import type { ModelEvent } from '../../model-event.ts'
import type { WireAnswer, WireUsage } from './wire.ts'

const nanoUsdPerUsd = 1_000_000_000
const count = (...values: (number | null | undefined)[]): number =>
  Math.max(0, Math.round(values.find(value => typeof value === 'number') ?? 0))

export function readUsage(usage: WireUsage): TokenUsage {
  const inputs = usage.prompt_tokens_details
  const outputs = usage.completion_tokens_details
  return {
    inputTokens: count(usage.prompt_tokens),
    outputTokens: count(usage.completion_tokens),
    cachedInputTokens: count(inputs?.cached_tokens, usage.prompt_cache_hit_tokens, usage.cached_tokens),
    cacheWriteTokens: count(inputs?.cache_write_tokens, inputs?.cache_creation_input_tokens),
    reasoningTokens: count(outputs?.reasoning_tokens),
  }
}

/** The usage that an answer or an event tells of, with what it says about the price. */
export function usageEvent(answer: WireAnswer): (ModelEvent & { type: 'usage' }) | undefined {
  const usage = answer.usage ?? answer.x_groq?.usage
  if (!usage) return undefined
  const { service_tier: serviceTier } = answer
  const { cost } = usage
  return {
    type: 'usage',
    usage: readUsage(usage),
    ...((serviceTier || typeof cost === 'number') && {
      billing: {
        ...(serviceTier && { serviceTier }),
        ...(typeof cost === 'number' && { nanoUsd: Math.round(cost * nanoUsdPerUsd) }),
      },
    }),
  }
}

export const writeUsage = (usage: TokenUsage) => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: {
    cached_tokens: usage.cachedInputTokens,
    ...(usage.cacheWriteTokens > 0 && { cache_write_tokens: usage.cacheWriteTokens }),
  },
  completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
})
