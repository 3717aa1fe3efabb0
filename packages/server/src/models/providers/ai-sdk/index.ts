import * as z from 'zod'
import type { Secrets } from '../../../secrets/index.ts'
import type { ModelEvent } from '../../model-event.ts'
import { ProviderFailure } from '../../provider-failure.ts'
import { apiKeyFor, availableWithKeys } from '../api-keys.ts'
import type { ProviderAdapter, SpecOf, Target } from '../provider-adapter.ts'
import { failedAnswer } from '../transport/failed-answer.ts'
import { timeoutsOf } from '../transport/timeouts-of.ts'
import type { Upstream } from '../transport/upstream.ts'
import { fetchOver } from './fetch-over.ts'
import { importProvider, type LanguageModel } from './language-model.ts'
import { readStream } from './read-stream.ts'
import { writeCall } from './write-prompt.ts'

type Spec = SpecOf<'ai-sdk'>

/**
 * A provider of Vercel's AI SDK, from a package that the operator has installed. It loses what the SDK has no place for:
 * signatures of thoughts, citations, markers of prompt caches and all fields that it does not know.
 */
export function createAiSdk({ upstream, secrets }: { upstream: Upstream; secrets: Secrets }): ProviderAdapter<Spec> {
  const installed = new Map<string, ReturnType<typeof importProvider>>()
  const load = (name: string): ReturnType<typeof importProvider> => {
    const loading = installed.get(name) ?? importProvider(name)
    installed.set(name, loading)
    return loading
  }

  const modelOf = async (target: Target<Spec>): Promise<LanguageModel> => {
    const { spec, provider, model } = target
    const apiKey = apiKeyFor(target, secrets)
    const create = await load(spec.package)
    return create({
      name: provider,
      ...(apiKey !== undefined && { apiKey }),
      ...(spec.baseUrl !== undefined && { baseURL: spec.baseUrl }),
      fetch: fetchOver(upstream, { provider, ...timeoutsOf(target) }),
    }).languageModel(model)
  }

  return {
    async availability(target) {
      try {
        await load(target.spec.package)
      } catch {
        return { available: false, why: `the package ${target.spec.package} cannot be used: is it installed?` }
      }
      return availableWithKeys(target, secrets)
    },
    async *stream(target, request, { signal, onDropped }) {
      const { call, dropped } = writeCall(request, signal)
      if (dropped.length > 0) onDropped?.([...new Set(dropped)])
      try {
        yield* answerOf(await modelOf(target), call)
      } catch (error) {
        signal.throwIfAborted()
        if (error instanceof ProviderFailure) throw error
        throw await failureOf(target.provider, error, secrets)
      }
    },
  }
}

async function* answerOf(
  model: LanguageModel,
  call: Parameters<LanguageModel['doStream']>[0],
): AsyncGenerator<ModelEvent, void> {
  if (model.specificationVersion !== 'v4')
    throw new Error(`it is of version ${model.specificationVersion} of the AI SDK's models, expected v4`)
  const { stream } = await model.doStream(call)
  yield* readStream(stream)
}

/** An answer of the provider that the SDK did not take. Source: APICallError of @ai-sdk/provider 4. */
const AnsweredError = z.object({
  statusCode: z.number().int(),
  responseHeaders: z.record(z.string(), z.string()).default({}),
  responseBody: z.string().default(''),
})

async function failureOf(provider: string, error: unknown, secrets: Secrets): Promise<unknown> {
  const answered = AnsweredError.safeParse(error)
  if (answered.success) {
    const { statusCode: status, responseHeaders: headers, responseBody } = answered.data
    const response = {
      status,
      headers,
      body: (async function* () {
        yield Buffer.from(responseBody)
      })(),
    }
    return failedAnswer(provider, response, { keep: false, redact: text => secrets.redact(text) })
  }
  const why = error instanceof Error ? secrets.redact(error.message).slice(0, 500) : 'unknown reason'
  return new ProviderFailure('provider-failed', `Provider "${provider}" cannot be used by the AI SDK: ${why}.`, {
    failureClass: 'transient',
    cause: error,
  })
}
