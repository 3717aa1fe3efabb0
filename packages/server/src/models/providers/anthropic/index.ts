import type { Secrets } from '../../../secrets/index.ts'
import { anthropicMessages } from '../../dialects/anthropic-messages/index.ts'
import { takesPrefill } from '../../dialects/anthropic-messages/model-generation.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import { httpProvider } from '../http-provider.ts'
import type { Operation, ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import type { Upstream } from '../transport/upstream.ts'

// Source: https://docs.claude.com/en/api/versioning
const apiVersion = '2023-06-01'

/** Anthropic's Messages API. */
export function createAnthropic(dependencies: {
  upstream: Upstream
  secrets: Secrets
}): ProviderAdapter<SpecOf<'anthropic'>> {
  const { secrets } = dependencies
  return httpProvider(dependencies, {
    availability: target => availableWithKeys(target, secrets),
    dialects: () => [anthropicMessages],
    continues: ({ model }) => takesPrefill(model),
    address: (target, { operation, clientHeaders = {} }) => ({
      url: target.spec.baseUrl.replace(/\/+$/, '') + (pathOf[operation] ?? ''),
      headers: {
        'x-api-key': apiKeyFor(target, secrets) ?? '',
        'anthropic-version': headerOf(clientHeaders['anthropic-version']) ?? apiVersion,
        // Without its beta features a coding agent's request would be refused.
        ...betaHeader(headerOf(clientHeaders['anthropic-beta'])),
      },
    }),
  })
}

const pathOf: Partial<Record<Operation, string>> = {
  generate: '/v1/messages',
  'count-tokens': '/v1/messages/count_tokens',
}

const headerOf = (value: string | string[] | undefined): string | undefined =>
  Array.isArray(value) ? value.join(',') : value

const betaHeader = (value: string | undefined): Record<string, string> => (value ? { 'anthropic-beta': value } : {})
