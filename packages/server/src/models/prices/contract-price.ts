import { createHash } from 'node:crypto'
import type { ContractPrice, ContractPrices, ProviderSpec, TokenUsage } from '@causeway/contracts'

/** What is paid to the provider where that is not what the list says. */
export const contractOf = (spec: ProviderSpec): ContractPrices | undefined =>
  'prices' in spec ? spec.prices : undefined

/** The price of a model that the contract names, without the tiers. */
export function agreedPrice(spec: ProviderSpec, model: string): ContractPrice | undefined {
  const models = contractOf(spec)?.models
  return models && Object.hasOwn(models, model) ? models[model] : undefined
}

/** What a call costs by a price of the contract. Cached tokens are part of the input. */
export const contractUsd = (price: ContractPrice, usage: TokenUsage): number | undefined => {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens } = usage
  const plain = inputTokens - cachedInputTokens - cacheWriteTokens
  // Figures that contradict each other have no price, as with the list.
  if (plain < 0) return undefined
  const { input, output, cachedInput = input, cacheWrite = input } = price
  const millionths =
    plain * input + cachedInputTokens * cachedInput + cacheWriteTokens * cacheWrite + outputTokens * output
  return millionths / 1_000_000
}

const names = new WeakMap<ContractPrices, string>()

/** A name for the contract prices that changes when they do. */
export function contractName(prices: ContractPrices): string {
  const known = names.get(prices)
  if (known !== undefined) return known
  const name = `contract-${createHash('sha256').update(JSON.stringify(prices)).digest('hex').slice(0, 12)}`
  names.set(prices, name)
  return name
}
