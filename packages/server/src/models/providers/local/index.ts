import type { ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { ProviderFailure } from '../../provider-failure.ts'

/** A GGUF file, run in this process. */
export const createLocal = ({ path }: { path: string | undefined }): ProviderAdapter<SpecOf<'local'>> => ({
  availability: () =>
    path === undefined
      ? { available: false, why: 'CAUSEWAY_LOCAL_MODEL names no file' }
      : { available: false, why: 'node-llama-cpp is not installed' },
  // eslint-disable-next-line require-yield
  async *stream({ provider }) {
    throw new ProviderFailure('provider-failed', `Provider "${provider}" is not available.`, { conduct: 'next-target' })
  },
})
