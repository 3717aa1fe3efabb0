import type { ProviderSpec } from '@causeway/contracts'
import type { Secrets } from '../../secrets/index.ts'
import { createAnthropic } from './anthropic/index.ts'
import { createLocal } from './local/index.ts'
import { createOpenAiCompatible } from './openai-compatible/index.ts'
import type { ProviderAdapter, ProviderAdapters } from './provider-adapter.ts'
import { createRehearsal } from './rehearsal/index.ts'
import type { Upstream } from './transport/upstream.ts'

interface Dependencies {
  upstream: Upstream
  secrets: Secrets
  localModelPath: string | undefined
  now: () => number
}

/** Finds the adapter for a provider. */
export type AdapterOf = (spec: ProviderSpec) => ProviderAdapter<ProviderSpec>

export function createProviders({ upstream, secrets, localModelPath, now }: Dependencies): AdapterOf {
  const adapters: ProviderAdapters = {
    'openai-compatible': createOpenAiCompatible({ upstream, secrets, now }),
    anthropic: createAnthropic({ upstream, secrets }),
    local: createLocal({ path: localModelPath }),
    rehearsal: createRehearsal(),
  }
  return ({ type }) => adapters[type]
}
