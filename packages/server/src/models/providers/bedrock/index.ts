import { handlesIn, type Secrets } from '../../../secrets/index.ts'
import { bedrockConverse } from '../../dialects/bedrock-converse/index.ts'
import { httpProvider } from '../http-provider.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { whyNoSecret } from '../secret-value.ts'
import type { Upstream } from '../transport/upstream.ts'
import { credentialsOf, signedHeaders } from './credentials.ts'
import { converseUrl } from './endpoint.ts'

type Spec = SpecOf<'bedrock'>

/** Models of Amazon Bedrock, through its Converse API. */
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
      async address({ scope, spec, model }, { stream, body }) {
        const credentials = credentialsOf(spec, handle => secrets.resolve(scope, handle, 'provider'))
        const url = converseUrl(spec, model, stream)
        return { url, headers: await signedHeaders(credentials, { url, body, region: spec.awsRegion }) }
      },
    },
  )
}
