import type { ContractPrices } from '@causeway/contracts'

/** Tiers at the listed price, as providers call them. */
const usual = new Set(['default', 'standard', 'auto', 'on_demand', 'unspecified'])

/**
 * Tiers that are sold at half the price where nothing else is agreed.
 * Source: https://platform.openai.com/docs/pricing, https://docs.claude.com/en/docs/build-with-claude/batch-processing
 */
const half = new Set(['batch', 'flex'])

/** By how much a tier is dearer or cheaper than the list, and whether that is known. */
export function tierFactor(
  contract: ContractPrices | undefined,
  serviceTier: string | undefined,
): { factor: number; known: boolean } {
  if (serviceTier === undefined) return { factor: 1, known: true }
  const tier = serviceTier.toLowerCase()
  const agreed = contract?.tiers && Object.hasOwn(contract.tiers, tier) ? contract.tiers[tier] : undefined
  if (agreed !== undefined) return { factor: agreed, known: true }
  if (half.has(tier)) return { factor: 0.5, known: true }
  return { factor: 1, known: usual.has(tier) }
}
