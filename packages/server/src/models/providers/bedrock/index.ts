import type { Secrets } from '../../../secrets/index.ts'
import { bedrockConverse } from '../../dialects/bedrock-converse/index.ts'
import { httpProvider } from '../http-provider.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'
import { credentialsOf, signedHeaders } from './credentials.ts'
import { converseUrl } from './endpoint.ts'

type Spec = SpecOf<'bedrock'>

/** Models of Amazon Bedrock, through its Converse API. */
export function createBedrock({ upstream, secrets }: { upstream: Upstream; secrets: Secrets }): ProviderAdapter<Spec> {
  return httpProvider<Spec>(
    { upstream, secrets },
    {
      availability({ spec, model }) {
        const credentials = credentialsOf(spec, secrets)
        return 'missing' in credentials
          ? { available: false, why: `the secret ${credentials.missing} has no value` }
          : { available: true, model }
      },
      dialects: () => [bedrockConverse],
      async address({ spec, model }, { stream, body }) {
        const credentials = credentialsOf(spec, secrets)
        const url = converseUrl(spec, model, stream)
        if ('missing' in credentials) return { url, headers: {} }
        return { url, headers: await signedHeaders(credentials, { url, body, region: spec.awsRegion }) }
      },
    },
  )
}
