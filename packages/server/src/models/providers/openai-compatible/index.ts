import type { Secrets } from '../../../secrets/index.ts'
import type { ProviderAdapter, SpecOf, Target } from '../provider-adapter.ts'
import { failedAnswer } from '../transport/failed-answer.ts'
import type { Upstream, UpstreamResponse } from '../transport/upstream.ts'
import { chatHeaders, chatUrl } from './endpoint.ts'
import { createModelProbe } from './model-probe.ts'
import { chatBody } from './request.ts'
import { chatEvents } from './stream.ts'

type Spec = SpecOf<'openai-compatible'>

interface Dependencies {
  upstream: Upstream
  secrets: Secrets
  now: () => number
}

/** Every server that speaks OpenAI's Chat Completions API. */
export function createOpenAiCompatible({ upstream, secrets, now }: Dependencies): ProviderAdapter<Spec> {
  const probe = createModelProbe({ upstream, now })

  const send = async (
    { provider, spec }: Target<Spec>,
    body: Buffer | string,
    signal: AbortSignal,
  ): Promise<UpstreamResponse> => {
    const headers = { ...chatHeaders(spec, secrets), 'content-type': 'application/json' }
    const response = await upstream.send({ provider, method: 'POST', url: chatUrl(spec), headers, body, signal })
    if (response.status < 200 || response.status > 299)
      throw await failedAnswer(provider, response, { keep: true, redact: text => secrets.redact(text) })
    return response
  }

  return {
    availability({ provider, spec, model }) {
      const headers = chatHeaders(spec, secrets)
      if (!headers) return { available: false, why: `the secret ${spec.apiKey?.secret ?? ''} has no value` }
      if (!spec.optional && model !== 'auto') return { available: true, model }
      return probe({ provider, spec, model, headers })
    },
    async *stream(target, request, { signal }) {
      const { body } = await send(target, JSON.stringify(chatBody(target.model, request)), signal)
      yield* chatEvents(target.provider, body)
    },
    relay: {
      dialects: new Set(['openai-chat']),
      send: (target, body, { signal }) => send(target, body, signal),
    },
  }
}
