import { randomUUID } from 'node:crypto'
import { CausewayError } from '@causeway/contracts'
import * as z from 'zod'
import type { Caller } from '../../identity/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { callDeadline } from '../call-deadline.ts'
import type { ModelRouter } from '../create-models.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import { parseBody } from '../dialects/parse-body.ts'
import type { ModelPorts } from '../ports.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { Target } from '../providers/provider-adapter.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import { openAccount } from './call-account.ts'
import { notServed } from './not-served.ts'
import { routingRequestOf } from './routing-request-of.ts'

interface EmbedOptions {
  models: ModelRouter
  ports: ModelPorts
  logger: Logger
  caller: Caller
  guard: CallGuard
  signal: AbortSignal
}

const Embeddings = z.object({ data: z.tuple([z.object({ embedding: z.array(z.number()).min(1).max(16_384) })]) })

/** Milliseconds. It is waited for before a question is asked, which it must not delay for long. */
const patienceMs = 3000

/**
 * The embedding of a text by a model of a route, of length 1; a call that is decided on, paid and recorded as those of clients.
 * Undefined when it is not to be had in time. @throws the reason of the signal
 */
export async function embedText(
  route: string,
  text: string,
  { models, ports, logger, caller, guard, signal }: EmbedOptions,
): Promise<Float32Array | undefined> {
  const body = Buffer.from(JSON.stringify({ model: route, input: text }))
  const now = (): number => models.clock.now()
  const account = openAccount({
    ports,
    logger,
    now,
    requestId: randomUUID(),
    caller,
    guard,
    dialect: 'openai-embeddings',
    route,
    streamed: false,
    inputCharacters: text.length,
    maxOutputTokens: 0,
    startedAt: new Date(now()),
  })
  using deadline = callDeadline(patienceMs, signal)
  try {
    const head = { model: route, stream: false, maxOutputTokens: 0, cacheKey: undefined }
    const choice = routingRequestOf({ head, body, needs: () => new Set() }, caller)
    const plan = models.plan(caller, await models.resolve(caller, route), choice)
    account.planned(plan)
    const begun = await models.attempt(plan, {
      scope: caller,
      guard,
      signal: deadline.signal,
      stream: false,
      admit: target => account.admit(target),
      async attempt(target, adapter, firstContent) {
        const performed = adapter.perform?.(target, 'embed', body, { signal: firstContent.signal })
        if (!performed) throw notServed(target, 'embed texts')
        const { body: answer, usage } = await performed
        const estimated = { ...noTokens, inputTokens: estimateTokens(text.length) }
        const used = { usage: usage ?? estimated, usageEstimated: usage === undefined, finishReason: undefined }
        return { embedding: embeddingIn(target, answer), use: () => used }
      },
    })
    account.began(begun)
    return begun.answer.embedding
  } catch (error) {
    account.failed(error)
    signal.throwIfAborted()
    if (error instanceof CausewayError) return undefined
    throw error
  } finally {
    await account.close()
  }
}

/** @throws ProviderFailure for an answer without one */
function embeddingIn({ provider }: Target, answer: Buffer): Float32Array {
  const parsed = Embeddings.safeParse(parseBody(answer))
  const [first] = parsed.data?.data ?? []
  const length = Math.hypot(...(first?.embedding ?? []))
  if (!first || !(length > 0))
    throw new ProviderFailure('provider-failed', `The provider "${provider}" sent no embedding.`, {
      failureClass: 'transient',
    })
  return Float32Array.from(first.embedding, value => value / length)
}
