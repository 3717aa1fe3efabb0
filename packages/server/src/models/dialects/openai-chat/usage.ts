import type { TokenUsage } from '@causeway/contracts'
import type { WireUsage } from './wire.ts'

const count = (value: number | null | undefined): number => Math.max(0, Math.round(value ?? 0))

export const readUsage = (usage: WireUsage): TokenUsage => ({
  inputTokens: count(usage.prompt_tokens),
  outputTokens: count(usage.completion_tokens),
  cachedInputTokens: count(usage.prompt_tokens_details?.cached_tokens),
  cacheWriteTokens: count(usage.prompt_tokens_details?.cache_write_tokens),
  reasoningTokens: count(usage.completion_tokens_details?.reasoning_tokens),
})

export const writeUsage = (usage: TokenUsage) => ({
  prompt_tokens: usage.inputTokens,
  completion_tokens: usage.outputTokens,
  total_tokens: usage.inputTokens + usage.outputTokens,
  prompt_tokens_details: { cached_tokens: usage.cachedInputTokens },
  completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
})
