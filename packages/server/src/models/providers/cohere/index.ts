import type { Secrets } from '../../../secrets/index.ts'
import { cohereChat } from '../../dialects/cohere-chat/index.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { httpProvider } from '../http-provider.ts'
import { asItIs } from '../../operations/as-it-is.ts'
import { cohereEmbed } from '../../operations/embeddings/cohere-embed.ts'
import type { Operation, ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'

const pathOf: Readonly<Record<Operation, string>> = {
  generate: '/v2/chat',
  'count-tokens': '/v1/tokenize',
  embed: '/v2/embed',
  rerank: '/v2/rerank',
}

type Spec = SpecOf<'cohere'>

/** Cohere's models. */
export function createCohere({ upstream, secrets }: { upstream: Upstream; secrets: Secrets }): ProviderAdapter<Spec> {
  return httpProvider<Spec>(
    { upstream, secrets },
    {
      availability: target => availableWithKeys(target, secrets),
      dialects: () => [cohereChat],
      operations: () => ({ embed: cohereEmbed, rerank: asItIs }),
      address: (target, { operation }) => ({
        url: target.spec.baseUrl.replace(/\/+$/, '') + pathOf[operation],
        headers: { authorization: `Bearer ${apiKeyFor(target, secrets) ?? ''}` },
      }),
    },
  )
}
