import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import { extraFieldsFor } from '../../dialects/extra-fields.ts'
import { ProviderFailure } from '../../provider-failure.ts'
import type { Availability, ProviderAdapter, SpecOf } from '../provider-adapter.ts'
import { importLlama } from './llama-module.ts'
import { loadModel, type LoadedModel } from './local-model.ts'
import { requireText } from './require-text.ts'
import { generate } from './stream.ts'
import { createTurnstile } from './turnstile.ts'

/** A GGUF file, run in this process. It is loaded by the first call, and conversations are answered one after the other. */
export function createLocal({ path }: { path: string | undefined }): ProviderAdapter<SpecOf<'local'>> {
  const turnstile = createTurnstile()
  let installed: Promise<boolean> | undefined
  let loading: Promise<LoadedModel> | undefined
  let whyNot: string | undefined

  const load = async (file: string): Promise<LoadedModel> => {
    loading ??= loadModel(file)
    try {
      return await loading
    } catch (error) {
      whyNot = `the model could not be loaded: ${error instanceof Error ? error.message : 'unknown reason'}`
      throw error
    }
  }

  return {
    async availability({ model }): Promise<Availability> {
      if (path === undefined) return { available: false, why: 'CAUSEWAY_LOCAL_MODEL names no file' }
      if (!existsSync(path)) return { available: false, why: `there is no file ${path} (CAUSEWAY_LOCAL_MODEL)` }
      installed ??= importLlama().then(
        () => true,
        () => false,
      )
      if (!(await installed))
        return { available: false, why: 'node-llama-cpp is not installed; see docs/guides/local-model.md' }
      if (whyNot !== undefined) return { available: false, why: whyNot }
      return { available: true, model: model === 'auto' ? basename(path) : model }
    },
    async *stream({ provider }, request, { signal, onDropped }) {
      requireText(request)
      const { dropped } = extraFieldsFor(request, null)
      if (dropped.length > 0) onDropped?.(dropped)
      const leave = await turnstile.enter(signal)
      try {
        const model = await load(path ?? '').catch((cause: unknown) => {
          throw new ProviderFailure('provider-failed', `The local model of "${provider}" could not be loaded.`, {
            failureClass: 'capacity',
            cause,
          })
        })
        signal.throwIfAborted()
        yield* generate(model, request, { provider, signal })
      } finally {
        leave()
      }
    },
    async close() {
      const model = await loading?.catch(() => undefined)
      loading = undefined
      await model?.dispose()
    },
  }
}
