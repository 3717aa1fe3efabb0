import { handlesIn, type Secrets } from '../../../secrets/index.ts'
import { bedrockConverse } from '../../dialects/bedrock-converse/index.ts'
import { bedrockEmbed } from '../../operations/embeddings/bedrock-embed.ts'
import { bedrockRerank } from '../../operations/rerank/bedrock-rerank.ts'
import { httpProvider } from '../http-provider.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { whyNoSecret } from '../secret-value.ts'
import type { Upstream } from '../transport/upstream.ts'
import { credentialsOf, signedHeaders } from './credentials.ts'
import { bedrockUrl } from './endpoint.ts'

type Spec = SpecOf<'bedrock'>

/** Models of Amazon Bedrock, through its Converse API, and those that embed and rank. */
export function createBedrock({ upstream, secrets }: { upstream: Upstream; secrets: Secrets }): ProviderAdapter<Spec> {
  return httpProvider<Spec>(
    { upstream, secrets },
    {
      availability({ scope, spec, model }) {
        const missing = handlesIn(spec).flatMap(handle => whyNoSecret(secrets, scope, handle) ?? [])
        const [why] = missing
        return why === undefined ? { available: true, model } : { available: false, why }
      },
      dialects: () => [bedrockConverse],
      operations({ spec: { awsRegion }, model }) {
        const embed = bedrockEmbed(model)
        return { ...(embed && { embed }), ...(model.includes('rerank') && { rerank: bedrockRerank(awsRegion) }) }
      },
      async address({ scope, spec, model }, call) {
        const credentials = credentialsOf(spec, handle => secrets.resolve(scope, handle, 'provider'))
        const url = bedrockUrl(spec, model, call)
        const { body } = call
        return { url, headers: await signedHeaders(credentials, { url, body, region: spec.awsRegion }) }
      },
    },
  )
}
