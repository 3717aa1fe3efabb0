import type { Cost, ProviderSpec, TokenUsage } from '@causeway/contracts'
import { calcPrice, type ModelPrice, type PriceOptions, type Usage } from '@pydantic/genai-prices'
import type { ReportedBilling } from '../model-event.ts'
import { agreedPrice, contractName, contractOf, contractUsd } from './contract-price.ts'
import { findPrice } from './find-price.ts'
import { tierFactor } from './tier-factor.ts'

/** Version of the price list that costs are reckoned with. */
export const priceVersion = 'genai-prices-0.1.8'

/** Version of the prices that calls of a provider are reckoned with: the list, and the contract where there is one. */
export function priceVersionOf(spec: ProviderSpec): string {
  const contract = contractOf(spec)
  return contract ? `${priceVersion}+${contractName(contract)}` : priceVersion
}

const nanoUsdPerUsd = 1_000_000_000

/** Stands for the price list where the provider said itself what a call cost. */
export const reportedVersion = 'reported'

export interface PricedCall {
  spec: ProviderSpec
  model: string
  usage: TokenUsage
  /** When the call was made: prices change over time. */
  at: Date
  /** Whether the tokens were estimated and not counted by the provider. */
  usageEstimated: boolean
  /** What the provider said of the price. */
  billing?: ReportedBilling | undefined
}

/** A price with the version of what it was reckoned with. */
export interface CallPrice {
  cost: Cost
  priceVersion: string
}

/** The price of a call, to the nearest nano-USD: as agreed, else as the provider reported it, else as listed. */
export function priceCall({ spec, model, usage, at, usageEstimated, billing }: PricedCall): CallPrice {
  const reported = billing?.nanoUsd
  if (reported !== undefined && !agreedPrice(spec, model))
    return {
      cost: { nanoUsd: Math.max(0, Math.round(reported)), status: usageEstimated ? 'estimated' : 'exact' },
      priceVersion: reportedVersion,
    }
  const version = priceVersionOf(spec)
  const usd = priceUsd(spec, model, usage, at)
  if (usd === undefined) return { cost: { nanoUsd: 0, status: 'unpriced' }, priceVersion: version }
  const { factor, known } = tierFactor(contractOf(spec), billing?.serviceTier)
  return {
    cost: {
      nanoUsd: Math.round(usd * factor * nanoUsdPerUsd),
      status: usageEstimated || (!known && usd > 0) ? 'estimated' : 'exact',
    },
    priceVersion: version,
  }
}

/** What a call can cost at most, for a reservation, in nano-USD: three characters a token and the whole output allowed. */
export function estimateCost({
  spec,
  model,
  inputCharacters,
  maxOutputTokens,
  at,
  serviceTier,
}: EstimatedCall): CallEstimate {
  const inputTokens = Math.ceil(inputCharacters / 3)
  const usage = {
    inputTokens,
    outputTokens: maxOutputTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    reasoningTokens: 0,
  }
  const usd = priceUsd(spec, model, usage, at)
  return {
    inputTokens,
    outputTokens: maxOutputTokens,
    nanoUsd: Math.ceil((usd ?? 0) * tierFactor(contractOf(spec), serviceTier).factor * nanoUsdPerUsd),
    priced: usd !== undefined,
  }
}

export interface EstimatedCall {
  spec: ProviderSpec
  model: string
  inputCharacters: number
  maxOutputTokens: number
  at: Date
  /** The tier that it is asked in; the usual one when absent. */
  serviceTier?: string
}

/** The most that a call may use up. */
export interface CallEstimate {
  inputTokens: number
  outputTokens: number
  nanoUsd: number
  /** Whether a price is known; `nanoUsd` is 0 without one. */
  priced: boolean
}

function priceUsd(spec: ProviderSpec, model: string, usage: TokenUsage, at: Date): number | undefined {
  const agreed = agreedPrice(spec, model)
  if (agreed) return contractUsd(agreed, usage)
  const listed = listUsd(spec, model, usage, at)
  return listed === undefined ? undefined : listed * (contractOf(spec)?.factor ?? 1)
}

function listUsd(spec: ProviderSpec, model: string, usage: TokenUsage, at: Date): number | undefined {
  const options = listedAs(spec)
  if (options === 'free') return 0
  try {
    const provider = findPrice(spec, model, { ...options, timestamp: at })
    return provider && calcPrice(listUsage(usage), model, { provider, timestamp: at })?.total_price
  } catch {
    // The list refuses figures that contradict each other, such as more cached than input tokens.
    return undefined
  }
}

/** The prices of a model in the list, in USD a million tokens. */
export function listRates(spec: ProviderSpec, model: string, at: Date): ModelPrice | undefined {
  const options = listedAs(spec)
  if (options === 'free') return { input_mtok: 0, output_mtok: 0 }
  const provider = findPrice(spec, model, { ...options, timestamp: at })
  return provider && calcPrice({ input_tokens: 1 }, model, { provider, timestamp: at })?.model_price
}

/** How the price list knows a provider. */
function listedAs(spec: ProviderSpec): PriceOptions | 'free' {
  switch (spec.type) {
    case 'rehearsal':
    case 'local':
      return 'free'
    case 'anthropic':
      // Also behind a company's own address: whoever speaks this dialect sells Anthropic's models.
      return { providerId: 'anthropic' }
    case 'azure-openai':
      return { providerId: 'azure' }
    case 'gemini':
    case 'vertex':
      return { providerId: 'google' }
    case 'bedrock':
      return { providerId: 'aws' }
    case 'cohere':
      return { providerId: 'cohere' }
    case 'ai-sdk':
      return spec.baseUrl === undefined ? { providerId: listedPackage(spec.package) } : { providerApiUrl: spec.baseUrl }
    case 'openai-compatible':
      // Only the address says whose prices apply: the same model name costs nothing on a server of one's own.
      return { providerApiUrl: spec.baseUrl }
  }
}

/** How the price list names the provider of a package, where the package has another name. */
const otherNames: Readonly<Record<string, string>> = {
  'amazon-bedrock': 'aws',
  'google-vertex': 'google',
  togetherai: 'together',
  xai: 'x-ai',
}

function listedPackage(name: string): string {
  const own = name.replace('@ai-sdk/', '')
  return otherNames[own] ?? own
}

/** The list counts as the ledger does: cached tokens are part of the input. */
const listUsage = (usage: TokenUsage): Usage => ({
  input_tokens: usage.inputTokens,
  output_tokens: usage.outputTokens,
  ...(usage.cachedInputTokens > 0 && { cache_read_tokens: usage.cachedInputTokens }),
  ...(usage.cacheWriteTokens > 0 && { cache_write_tokens: usage.cacheWriteTokens }),
  ...(usage.reasoningTokens > 0 && { output_reasoning_tokens: usage.reasoningTokens }),
})
