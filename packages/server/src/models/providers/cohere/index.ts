import type { Secrets } from '../../../secrets/index.ts'
import { cohereChat } from '../../dialects/cohere-chat/index.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { httpProvider } from '../http-provider.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'

type Spec = SpecOf<'cohere'>

/** Cohere's models. */
export function createCohere({ upstream, secrets }: { upstream: Upstream; secrets: Secrets }): ProviderAdapter<Spec> {
  return httpProvider<Spec>(
    { upstream, secrets },
    {
      availability: target => availableWithKeys(target, secrets),
      dialects: () => [cohereChat],
      address: target => ({
        url: `${target.spec.baseUrl.replace(/\/+$/, '')}/v2/chat`,
        headers: { authorization: `Bearer ${apiKeyFor(target, secrets) ?? ''}` },
      }),
    },
  )
}
