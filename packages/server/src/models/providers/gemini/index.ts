import type { Secrets } from '../../../secrets/index.ts'
import { gemini } from '../../dialects/gemini/index.ts'
import { geminiEmbed } from '../../operations/embeddings/gemini-embed.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { httpProvider } from '../http-provider.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'
import { methodOf } from './method-of.ts'

/** Google's Gemini API. */
export function createGemini(dependencies: {
  upstream: Upstream
  secrets: Secrets
}): ProviderAdapter<SpecOf<'gemini'>> {
  const { secrets } = dependencies
  return httpProvider(dependencies, {
    availability: target => availableWithKeys(target, secrets),
    dialects: () => [gemini],
    operations: () => ({ embed: geminiEmbed }),
    address: (target, call) => ({
      url: `${target.spec.baseUrl.replace(/\/+$/, '')}/v1beta/${pathOf(target.model)}:${methodOf(call)}`,
      headers: { 'x-goog-api-key': apiKeyFor(target, secrets) ?? '' },
    }),
  })
}

/** Tuned models are called by their whole names, such as tunedModels/mine. */
const pathOf = (model: string): string =>
  (model.includes('/') ? model : `models/${model}`).split('/').map(encodeURIComponent).join('/')
