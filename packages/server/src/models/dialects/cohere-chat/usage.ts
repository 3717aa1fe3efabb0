import type { ModelEvent } from '../../model-event.ts'
import type { WireUsage } from './wire.ts'

const count = (...values: (number | null | undefined)[]): number =>
  Math.max(0, Math.round(values.find(value => typeof value === 'number') ?? 0))

/**
 * The usage in billed tokens. The cached tokens that Cohere tells of are counted in the other unit and cost the same, so
 * that they are left out.
 */
export const usageEvent = ({ billed_units: billed, tokens }: WireUsage): ModelEvent => ({
  type: 'usage',
  usage: {
    inputTokens: count(billed?.input_tokens, tokens?.input_tokens),
    outputTokens: count(billed?.output_tokens, tokens?.output_tokens),
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  },
})
