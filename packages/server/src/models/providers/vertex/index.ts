import type { Secrets } from '../../../secrets/index.ts'
import { anthropicMessages } from '../../dialects/anthropic-messages/index.ts'
import { gemini } from '../../dialects/gemini/index.ts'
import { vertexEmbed } from '../../operations/embeddings/vertex-embed.ts'
import { httpProvider } from '../http-provider.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { whyNoSecret } from '../secret-value.ts'
import type { Upstream } from '../transport/upstream.ts'
import { createAccessTokens } from './access-token.ts'
import { claudeBody } from './claude-body.ts'
import { isClaude, vertexUrl } from './endpoint.ts'

interface Dependencies {
  upstream: Upstream
  secrets: Secrets
  /** In place of Google's, for tests. */
  tokenUrl?: string | undefined
}

/** Google's and Anthropic's models on Vertex AI. */
export function createVertex({ upstream, secrets, tokenUrl }: Dependencies): ProviderAdapter<SpecOf<'vertex'>> {
  const tokens = createAccessTokens({ tokenUrl })
  return httpProvider(
    { upstream, secrets },
    {
      availability({ scope, spec, model }) {
        const why = whyNoSecret(secrets, scope, spec.credentials)
        return why === undefined ? { available: true, model } : { available: false, why }
      },
      dialects: ({ model }) => (isClaude(model) ? [anthropicMessages] : [gemini]),
      operations: ({ model }) => (isClaude(model) ? {} : { embed: vertexEmbed(model) }),
      // The tier of a call is named in a header here.
      quirks: ({ model }) => (isClaude(model) ? {} : { refusedFields: ['serviceTier'] }),
      async address({ scope, provider, spec, model }, call) {
        const token = await tokens.tokenFor(provider, secrets.resolve(scope, spec.credentials, 'provider'))
        const beta = call.clientHeaders?.['anthropic-beta']
        return {
          url: vertexUrl(spec, model, call),
          headers: {
            authorization: `Bearer ${token}`,
            ...(isClaude(model) && beta !== undefined && { 'anthropic-beta': [beta].flat().join(',') }),
          },
          ...(isClaude(model) && { body: claudeBody(call.body, call.operation) }),
        }
      },
    },
  )
}
