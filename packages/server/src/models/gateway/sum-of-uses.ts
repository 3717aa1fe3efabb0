import type { Cost } from '@causeway/contracts'
import type { CallUse } from '../ports.ts'

const worse: readonly Cost['status'][] = ['exact', 'estimated', 'unpriced']

/** What several answers of one call have used together. Its cost is as certain as the least certain of them. */
export function sumOfUses([first, ...others]: readonly [CallUse, ...CallUse[]] | readonly CallUse[]): CallUse {
  if (!first) throw new Error('there is nothing to sum')
  return others.reduce(
    (sum, { usage, usageEstimated, cost }) => ({
      usage: {
        inputTokens: sum.usage.inputTokens + usage.inputTokens,
        outputTokens: sum.usage.outputTokens + usage.outputTokens,
        cachedInputTokens: sum.usage.cachedInputTokens + usage.cachedInputTokens,
        cacheWriteTokens: sum.usage.cacheWriteTokens + usage.cacheWriteTokens,
        reasoningTokens: sum.usage.reasoningTokens + usage.reasoningTokens,
      },
      usageEstimated: sum.usageEstimated || usageEstimated,
      cost: {
        nanoUsd: sum.cost.nanoUsd + cost.nanoUsd,
        status: worse[Math.max(worse.indexOf(sum.cost.status), worse.indexOf(cost.status))] ?? 'unpriced',
      },
      priceVersion: sum.priceVersion,
    }),
    first,
  )
}
