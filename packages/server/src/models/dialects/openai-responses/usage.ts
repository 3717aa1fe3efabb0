import type { TokenUsage } from '@causeway/contracts'
import type { ModelEvent } from '../../model-event.ts'
import type { WireResponse, WireUsage } from './wire.ts'

const nanoUsdPerUsd = 1_000_000_000
const ticksPerNanoUsd = 10

const count = (value: number | null | undefined): number => Math.max(0, Math.round(value ?? 0))

export const readUsage = (usage: WireUsage): TokenUsage => ({
  inputTokens: count(usage.input_tokens),
  outputTokens: count(usage.output_tokens),
  cachedInputTokens: count(usage.input_tokens_details?.cached_tokens),
  cacheWriteTokens: count(usage.input_tokens_details?.cache_write_tokens),
  reasoningTokens: count(usage.output_tokens_details?.reasoning_tokens),
})

/** The usage that a response tells of, with what it says about the price. */
export function usageEvent({
  usage,
  service_tier: serviceTier,
}: Pick<WireResponse, 'usage' | 'service_tier'>): (ModelEvent & { type: 'usage' }) | undefined {
  if (!usage) return undefined
  const nanoUsd = priceOf(usage)
  return {
    type: 'usage',
    usage: readUsage(usage),
    ...((serviceTier || nanoUsd !== undefined) && {
      billing: { ...(serviceTier && { serviceTier }), ...(nanoUsd !== undefined && { nanoUsd }) },
    }),
  }
}

function priceOf({ cost, cost_in_usd_ticks: ticks }: WireUsage): number | undefined {
  if (typeof cost === 'number') return Math.round(cost * nanoUsdPerUsd)
  return typeof ticks === 'number' ? Math.round(ticks / ticksPerNanoUsd) : undefined
}

export const writeUsage = (usage: TokenUsage) => ({
  input_tokens: usage.inputTokens,
  input_tokens_details: {
    cached_tokens: usage.cachedInputTokens,
    ...(usage.cacheWriteTokens > 0 && { cache_write_tokens: usage.cacheWriteTokens }),
  },
  output_tokens: usage.outputTokens,
  output_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  total_tokens: usage.inputTokens + usage.outputTokens,
})
