import type { PriceRates, ProviderSpec } from '@causeway/contracts'
import { agreedPrice, contractOf } from './contract-price.ts'
import { listRates } from './price-call.ts'

/** What a million tokens of a model cost, or undefined when that is not known. */
export function ratesOf(spec: ProviderSpec, model: string, at: Date): PriceRates | undefined {
  const contract = contractOf(spec)
  const agreed = agreedPrice(spec, model)
  if (agreed) {
    const { input, output, cachedInput = input, cacheWrite = input } = agreed
    return { source: 'contract', input, output, cachedInput, cacheWrite }
  }
  const listed = listRates(spec, model, at)
  if (!listed) return undefined
  const factor = contract?.factor ?? 1
  const rate = (name: string): number | undefined => {
    const price = listed[name]
    // Long prompts may cost more at some models; what is told is where prices begin.
    const base = typeof price === 'object' ? price.base : price
    return base === undefined ? undefined : Number((base * factor).toPrecision(12))
  }
  const input = rate('input_mtok') ?? 0
  return {
    source: contract?.factor === undefined ? 'list' : 'list with factor',
    input,
    output: rate('output_mtok') ?? 0,
    cachedInput: rate('cache_read_mtok') ?? input,
    cacheWrite: rate('cache_write_mtok') ?? input,
  }
}
