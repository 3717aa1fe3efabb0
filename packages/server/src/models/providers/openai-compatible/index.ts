import type { Secrets } from '../../../secrets/index.ts'
import type { UpstreamDialect } from '../../dialects/dialect.ts'
import { openAiChat } from '../../dialects/openai-chat/index.ts'
import { openAiResponses } from '../../dialects/openai-responses/index.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { httpProvider } from '../http-provider.ts'
import { asItIs } from '../../operations/as-it-is.ts'
import type { Operation, ProviderAdapter, SpecOf, Target } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'
import { createModelProbe } from './model-probe.ts'
import { presetOf } from './presets.ts'

type Spec = SpecOf<'openai-compatible'>

interface Dependencies {
  upstream: Upstream
  secrets: Secrets
  now: () => number
}

const pathOf: Partial<Record<UpstreamDialect['name'] | Operation, string>> = {
  embed: '/embeddings',
  rerank: '/rerank',
  'openai-chat': '/chat/completions',
  'openai-responses': '/responses',
}

/** Every server that speaks OpenAI's APIs. */
export function createOpenAiCompatible({ upstream, secrets, now }: Dependencies): ProviderAdapter<Spec> {
  const probe = createModelProbe({ upstream, now })
  const credentials = (target: Target<Spec>): Record<string, string> => {
    const key = apiKeyFor(target, secrets)
    return key === undefined ? {} : { authorization: `Bearer ${key}` }
  }

  return httpProvider(
    { upstream, secrets },
    {
      availability(target) {
        const availability = availableWithKeys(target, secrets)
        if (!availability.available || (!target.spec.optional && target.model !== 'auto')) return availability
        return probe({ ...target, headers: credentials(target) })
      },
      dialects: ({ spec }) =>
        presetOf(spec).dialects.includes('openai-responses') ? [openAiChat, openAiResponses] : [openAiChat],
      quirks: ({ spec }) => presetOf(spec).quirks,
      operations: ({ spec }) => ({ embed: asItIs, rerank: presetOf(spec).rerank ?? asItIs }),
      media: (target, path) => ({
        url: target.spec.baseUrl.replace(/\/+$/, '') + path,
        headers: credentials(target),
      }),
      files: (target, path) => ({
        url: target.spec.baseUrl.replace(/\/+$/, '') + path,
        headers: credentials(target),
      }),
      address: (target, { dialect, operation }) => ({
        url: target.spec.baseUrl.replace(/\/+$/, '') + (pathOf[operation] ?? pathOf[dialect] ?? ''),
        headers: credentials(target),
      }),
    },
  )
}
