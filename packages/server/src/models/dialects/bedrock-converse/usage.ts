import type { ModelEvent } from '../../model-event.ts'
import type { WireAnswer } from './wire.ts'

const count = (value: number | null | undefined): number => Math.max(0, Math.round(value ?? 0))

/** The usage that an answer or a `metadata` event tells of, or undefined where it tells of none. */
export function usageEvent({
  usage,
  serviceTier,
}: Pick<WireAnswer, 'usage' | 'serviceTier'>): (ModelEvent & { type: 'usage' }) | undefined {
  if (!usage) return undefined
  const cachedInputTokens = count(usage.cacheReadInputTokens)
  const cacheWriteTokens = count(usage.cacheWriteInputTokens)
  return {
    type: 'usage',
    usage: {
      inputTokens: count(usage.inputTokens) + cachedInputTokens + cacheWriteTokens,
      outputTokens: count(usage.outputTokens),
      cachedInputTokens,
      cacheWriteTokens,
      // Thoughts are part of the output and are not counted apart.
      reasoningTokens: 0,
    },
    ...(serviceTier?.type && { billing: { serviceTier: serviceTier.type } }),
  }
}
