import type { Secrets } from '../../../secrets/index.ts'
import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { failedAnswer } from '../transport/failed-answer.ts'
import type { Upstream } from '../transport/upstream.ts'
import { messagesBody } from './request.ts'
import { messageEvents } from './stream.ts'

// Source: https://docs.claude.com/en/api/versioning
const apiVersion = '2023-06-01'

/** Anthropic's Messages API. */
export function createAnthropic({
  upstream,
  secrets,
}: {
  upstream: Upstream
  secrets: Secrets
}): ProviderAdapter<SpecOf<'anthropic'>> {
  return {
    availability: target => availableWithKeys(target, secrets),
    async *stream(target, request, { signal }) {
      const { provider, spec, model } = target
      const response = await upstream.send({
        provider,
        method: 'POST',
        url: `${spec.baseUrl.replace(/\/+$/, '')}/v1/messages`,
        headers: {
          'x-api-key': apiKeyFor(target, secrets) ?? '',
          'anthropic-version': apiVersion,
          'content-type': 'application/json',
          accept: 'text/event-stream',
          'accept-encoding': 'identity',
        },
        body: JSON.stringify(messagesBody(model, request)),
        signal,
      })
      if (response.status !== 200)
        throw await failedAnswer(provider, response, { keep: false, redact: text => secrets.redact(text) })
      yield* messageEvents(provider, response.body)
    },
  }
}
