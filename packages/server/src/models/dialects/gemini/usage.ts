import type { TokenUsage } from '@causeway/contracts'
import type { ModelEvent } from '../../model-event.ts'
import type { WireUsage } from './wire.ts'

const count = (value: number | null | undefined): number => Math.max(0, Math.round(value ?? 0))

/** What Google's own tools read counts as input, and thoughts as output: both are billed so. */
export function readUsage(usage: WireUsage): TokenUsage {
  const reasoningTokens = count(usage.thoughtsTokenCount)
  return {
    inputTokens: count(usage.promptTokenCount) + count(usage.toolUsePromptTokenCount),
    outputTokens: count(usage.candidatesTokenCount) + reasoningTokens,
    cachedInputTokens: count(usage.cachedContentTokenCount),
    cacheWriteTokens: 0,
    reasoningTokens,
  }
}

const tiersByTraffic: Readonly<Record<string, string>> = {
  ON_DEMAND_FLEX: 'flex',
  ON_DEMAND_PRIORITY: 'priority',
}

/** Undefined while nothing has been counted: the first events of some streams tell of the kind of traffic only. */
export function usageEvent(usage: WireUsage | null | undefined): (ModelEvent & { type: 'usage' }) | undefined {
  if (!usage || (usage.promptTokenCount ?? usage.candidatesTokenCount ?? undefined) === undefined) return undefined
  const serviceTier = usage.serviceTier ?? tiersByTraffic[usage.trafficType ?? '']
  return { type: 'usage', usage: readUsage(usage), ...(serviceTier && { billing: { serviceTier } }) }
}

export const writeUsage = (usage: TokenUsage) => ({
  promptTokenCount: usage.inputTokens,
  candidatesTokenCount: Math.max(0, usage.outputTokens - usage.reasoningTokens),
  ...(usage.reasoningTokens > 0 && { thoughtsTokenCount: Math.min(usage.reasoningTokens, usage.outputTokens) }),
  ...(usage.cachedInputTokens > 0 && { cachedContentTokenCount: usage.cachedInputTokens }),
  totalTokenCount: usage.inputTokens + usage.outputTokens,
})
