import type { TokenUsage } from '@causeway/contracts'

/** The usage of a call that used nothing. */
export const noTokens: Readonly<TokenUsage> = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  reasoningTokens: 0,
}
