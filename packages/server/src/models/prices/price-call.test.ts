import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ProviderSpec } from '@causeway/contracts'
import { noTokens } from '../token-usage.ts'
import { estimateCost, priceCall, priceVersion } from './price-call.ts'

const at = new Date('2026-06-01T00:00:00Z')
const anthropic = ProviderSpec.parse({ type: 'anthropic', apiKey: { secret: 'ANTHROPIC_API_KEY' } })
const openAi = ProviderSpec.parse({ type: 'openai-compatible', baseUrl: 'https://api.openai.com/v1' })
const own = ProviderSpec.parse({ type: 'openai-compatible', baseUrl: 'http://127.0.0.1:8000/v1' })

test('a call is priced in whole nano-USD, cached tokens at their own price [C7.nano-usd-cost, C7.cached-tokens]', () => {
  // 790 plain at $3, 200 read at $0.30 and 10 written at $3.75, 100 out at $15, each a million.
  const usage = { ...noTokens, inputTokens: 1000, outputTokens: 100, cachedInputTokens: 200, cacheWriteTokens: 10 }
  const call = { spec: anthropic, model: 'claude-sonnet-4-5', usage, usageEstimated: false, at }
  expect(priceCall(call).cost).toEqual({ nanoUsd: 3_967_500, status: 'exact' })
  expect(priceCall({ ...call, usageEstimated: true }).cost).toEqual({ nanoUsd: 3_967_500, status: 'estimated' })
  const small = {
    spec: openAi,
    model: 'gpt-4o-mini',
    usage: { ...noTokens, inputTokens: 1, outputTokens: 1 },
    usageEstimated: false,
    at,
  }
  expect(priceCall(small).cost).toEqual({ nanoUsd: 750, status: 'exact' })
})

test("a model that the list does not know is unpriced, and a server of one's own is not billed at list prices [C7.nano-usd-cost, C7.unknown-price]", () => {
  const usage = { ...noTokens, inputTokens: 10, outputTokens: 10 }
  const call = { usage, usageEstimated: false, at }
  expect(priceCall({ ...call, spec: openAi, model: 'no-such-model' }).cost).toEqual({ nanoUsd: 0, status: 'unpriced' })
  expect(priceCall({ ...call, spec: own, model: 'gpt-4o-mini' }).cost).toEqual({ nanoUsd: 0, status: 'unpriced' })
  const contradiction = { ...usage, cachedInputTokens: 99 }
  expect(priceCall({ ...call, usage: contradiction, spec: openAi, model: 'gpt-4o-mini' }).cost.status).toBe('unpriced')
})

test('a service tier has its own price, and what the provider reports is what it cost [C7.service-tiers]', () => {
  const usage = { ...noTokens, inputTokens: 1000, outputTokens: 100 }
  const call = { spec: openAi, model: 'gpt-4o-mini', usage, usageEstimated: false, at }
  const list = 1000 * 150 + 100 * 600
  const inTier = (serviceTier: string, spec = openAi) => priceCall({ ...call, spec, billing: { serviceTier } }).cost
  expect(inTier('default')).toEqual({ nanoUsd: list, status: 'exact' })
  expect(inTier('flex')).toEqual({ nanoUsd: list / 2, status: 'exact' })
  // Nobody said what it costs.
  expect(inTier('priority')).toEqual({ nanoUsd: list, status: 'estimated' })
  const agreed = ProviderSpec.parse({ ...openAi, prices: { factor: 0.8, tiers: { priority: 2, batch: 0.4 } } })
  expect(inTier('priority', agreed)).toEqual({ nanoUsd: list * 1.6, status: 'exact' })
  expect(inTier('batch', agreed)).toEqual({ nanoUsd: Math.round(list * 0.32), status: 'exact' })

  const reported = { ...call, billing: { serviceTier: 'priority', nanoUsd: 123 } }
  expect(priceCall(reported)).toEqual({ cost: { nanoUsd: 123, status: 'exact' }, priceVersion: 'reported' })
  const contract = ProviderSpec.parse({ ...openAi, prices: { models: { 'gpt-4o-mini': { input: 1, output: 1 } } } })
  expect(priceCall({ ...reported, spec: contract }).cost).toEqual({ nanoUsd: 1_100_000, status: 'estimated' })
})

test('a reservation is never below the price of what it was made for [C7.nano-usd-cost]', () => {
  const estimate = estimateCost({ spec: openAi, model: 'gpt-4o-mini', inputCharacters: 3001, maxOutputTokens: 500, at })
  expect(estimate).toEqual({ inputTokens: 1001, outputTokens: 500, nanoUsd: 1001 * 150 + 500 * 600, priced: true })
})

test('the version of the price list is the one that is installed', () => {
  const manifest = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')
  expect(manifest).toContain(`"@pydantic/genai-prices": "${priceVersion.replace('genai-prices-', '')}"`)
})
