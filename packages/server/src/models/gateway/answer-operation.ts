import { callDeadline } from '../call-deadline.ts'
import { readOperationHead } from '../operations/operation-head.ts'
import type { WholeOperation } from '../operations/operation-dialect.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { ProviderAdapter, Target } from '../providers/provider-adapter.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { ProviderSpec } from '@causeway/contracts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'
import { authorise } from './authorise.ts'
import { beginOnRoute } from './begin-on-route.ts'
import type { BegunAnswer } from './begun-answer.ts'
import { openAccount } from './call-account.ts'
import { ClientGone } from './client-gone.ts'
import { droppedHeader } from './dropped-header.ts'
import { readBody } from './read-body.ts'
import { bodyLimit } from './request-limits.ts'
import { routingRequestOf } from './routing-request-of.ts'
import { watchDeparture } from './watch-departure.ts'

const dialects = { embed: 'openai-embeddings', rerank: 'rerank' } as const

/**
 * Answers a request for embeddings, or to rank documents, from the credentials to the settled bill.
 * @throws CausewayError for everything that the client is to be told, ClientGone
 */
export async function answerOperation(
  { models, authenticator, ports, logger }: GatewayDependencies,
  { requestId, request, response, headers }: Exchange,
  operation: WholeOperation,
): Promise<void> {
  const caller = await authorise(authenticator, request)
  const body = await readBody(request, bodyLimit)
  const { model: name } = readOperationHead(body)
  const route = await models.resolve(caller, name)
  const account = openAccount({
    ports,
    logger,
    now: () => models.clock.now(),
    requestId,
    caller,
    dialect: dialects[operation],
    route: name,
    streamed: false,
    inputCharacters: body.length,
    maxOutputTokens: 0,
    startedAt: new Date(models.clock.now()),
  })
  using deadline = callDeadline(models.deadlines.totalMs)
  using _ = watchDeparture(response, () => deadline.abort(new ClientGone()))
  try {
    const head = { model: name, stream: false, maxOutputTokens: 0, cacheKey: undefined }
    const choice = routingRequestOf({ head, body, needs: () => new Set() }, caller)
    const { begun } = await beginOnRoute({ models, caller, route, choice, account, headers }, (_route, plan) =>
      models.attempt(plan, {
        scope: caller,
        signal: deadline.signal,
        admit: target => account.admit(target),
        stream: false,
        attempt: (target, adapter, { signal }) => ask(operation, body, { target, adapter, signal }),
      }),
    )
    await begun.answer.send(response, headers)
  } catch (error) {
    account.failed(error)
    throw error
  } finally {
    await account.close()
  }
}

async function ask(
  operation: WholeOperation,
  body: Buffer,
  { target, adapter, signal }: { target: Target; adapter: ProviderAdapter<ProviderSpec>; signal: AbortSignal },
): Promise<BegunAnswer> {
  const asked = adapter.perform?.(target, operation, body, { signal })
  if (!asked)
    throw new ProviderFailure(
      'provider-rejected',
      `Provider "${target.provider}" has no models that ${can[operation]}.`,
      {
        failureClass: 'unknown-model',
      },
    )
  const { body: answer, usage, dropped } = await asked
  return {
    async send(response, headers) {
      response.writeHead(200, {
        ...headers,
        ...droppedHeader(dropped),
        'content-type': 'application/json',
        'content-length': answer.length,
      })
      response.end(answer)
    },
    emitted: () => Promise.resolve(undefined),
    use: () => ({
      usage: usage ?? { ...noTokens, inputTokens: estimateTokens(body.length) },
      usageEstimated: usage === undefined,
      finishReason: undefined,
    }),
  }
}

const can: Readonly<Record<WholeOperation, string>> = { embed: 'embed texts', rerank: 'rank documents' }
