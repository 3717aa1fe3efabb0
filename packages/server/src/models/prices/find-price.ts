import type { ProviderSpec } from '@causeway/contracts'
import { calcPrice, type PriceOptions, type Provider } from '@pydantic/genai-prices'

// Finding a model in the list takes longer than all else that a call needs. What is remembered hangs on the manifest
// in force, and goes with it.
const found = new WeakMap<ProviderSpec, Map<string, Provider | undefined>>()
/** Names of models come from callers, so that the memory for them is bounded. */
const rememberedModels = 1000

/**
 * The part of the price list that is about one model, or undefined when the list does not know it.
 * @param options how the list finds the provider
 */
export function findPrice(spec: ProviderSpec, model: string, options: PriceOptions): Provider | undefined {
  const models = found.get(spec) ?? new Map<string, Provider | undefined>()
  found.set(spec, models)
  if (models.has(model)) return models.get(model)
  if (models.size >= rememberedModels) models.clear()
  const known = calcPrice({ input_tokens: 1 }, model, options)
  const price = known ? { ...known.provider, models: [known.model] } : undefined
  models.set(model, price)
  return price
}
