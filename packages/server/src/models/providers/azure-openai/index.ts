import type { Secrets } from '../../../secrets/index.ts'
import { openAiChat } from '../../dialects/openai-chat/index.ts'
import { openAiResponses } from '../../dialects/openai-responses/index.ts'
import { asItIs } from '../../operations/as-it-is.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { httpProvider } from '../http-provider.ts'
import { presetOf } from '../openai-compatible/presets.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'
import { deploymentUrl, hasResponses, pathOf, resourceUrl } from './endpoint.ts'

type Spec = SpecOf<'azure-openai'>

/** OpenAI's models as deployments of an Azure resource. */
export function createAzureOpenAi({
  upstream,
  secrets,
}: {
  upstream: Upstream
  secrets: Secrets
}): ProviderAdapter<Spec> {
  return httpProvider<Spec>(
    { upstream, secrets },
    {
      availability: target => availableWithKeys(target, secrets),
      dialects: ({ spec }) => (hasResponses(spec) ? [openAiChat, openAiResponses] : [openAiChat]),
      // The name of a deployment does not say which model it is, so that the address has to.
      quirks: ({ spec }) => presetOf({ baseUrl: spec.baseUrl, preset: 'azure-openai' }).quirks,
      operations: () => ({ embed: asItIs }),
      media: (target, path) => ({
        url: deploymentUrl(target, path),
        headers: { 'api-key': apiKeyFor(target, secrets) ?? '' },
      }),
      files: (target, path) => ({
        url: resourceUrl(target, path),
        headers: { 'api-key': apiKeyFor(target, secrets) ?? '' },
      }),
      address: (target, { dialect, operation }) => ({
        url: deploymentUrl(target, operation === 'embed' ? '/embeddings' : (pathOf[dialect] ?? '')),
        headers: { 'api-key': apiKeyFor(target, secrets) ?? '' },
      }),
    },
  )
}
