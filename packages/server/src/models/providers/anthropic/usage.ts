import type { TokenUsage } from '@causeway/contracts'
import type { WireUsage } from './wire.ts'

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
