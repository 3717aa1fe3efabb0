import type { ProviderSpec } from '@causeway/contracts'
import type { Secrets } from '../../secrets/index.ts'
import { createAiSdk } from './ai-sdk/index.ts'
import { createAnthropic } from './anthropic/index.ts'
import { createAzureOpenAi } from './azure-openai/index.ts'
import { createBedrock } from './bedrock/index.ts'
import { createCohere } from './cohere/index.ts'
import { createGemini } from './gemini/index.ts'
import { createLocal } from './local/index.ts'
import { createOpenAiCompatible } from './openai-compatible/index.ts'
import type { ProviderAdapter, ProviderAdapters } from './provider-adapter.ts'
import { createRehearsal } from './rehearsal/index.ts'
import { createVertex } from './vertex/index.ts'
import type { Upstream } from './transport/upstream.ts'

interface Dependencies {
  upstream: Upstream
  secrets: Secrets
  localModelPath: string | undefined
  now: () => number
}

/** All types of providers. */
export interface Providers {
  adapterOf(spec: ProviderSpec): ProviderAdapter<ProviderSpec>
  close(): Promise<void>
}

export function createProviders({ upstream, secrets, localModelPath, now }: Dependencies): Providers {
  const adapters: ProviderAdapters = {
    'openai-compatible': createOpenAiCompatible({ upstream, secrets, now }),
    'azure-openai': createAzureOpenAi({ upstream, secrets }),
    anthropic: createAnthropic({ upstream, secrets }),
    gemini: createGemini({ upstream, secrets }),
    vertex: createVertex({ upstream, secrets }),
    bedrock: createBedrock({ upstream, secrets }),
    cohere: createCohere({ upstream, secrets }),
    'ai-sdk': createAiSdk({ upstream, secrets }),
    local: createLocal({ path: localModelPath }),
    rehearsal: createRehearsal(),
  }
  return {
    adapterOf: ({ type }) => adapters[type],
    async close() {
      for (const adapter of Object.values(adapters)) await adapter.close?.()
    },
  }
}
