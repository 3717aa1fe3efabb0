import type { ProviderSpec } from '@causeway/contracts'
import { traceContextOf } from '../../http/index.ts'
import { callDeadline } from '../call-deadline.ts'
import { toldDataClasses } from '../guarding/told-data-classes.ts'
import type { ModelCallRecord } from '../ports.ts'
import type { ProviderAdapter, Target } from '../providers/provider-adapter.ts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'
import { authorise } from './authorise.ts'
import { beginOnRoute } from './begin-on-route.ts'
import type { BegunAnswer } from './begun-answer.ts'
import { openAccount } from './call-account.ts'
import { ClientGone } from './client-gone.ts'
import { readBody } from './read-body.ts'
import { routingRequestOf } from './routing-request-of.ts'
import { watchDeparture } from './watch-departure.ts'

/** Something that a model can be asked for, apart from generating an answer. */
export interface GatewayOperation {
  readonly dialect: ModelCallRecord['dialect']
  /** Bytes of a request. */
  readonly bodyLimit: number
  readonly contentType: RegExp
  /** The most that the answer may have; unknown when undefined. */
  readonly maxOutputTokens: number | undefined
  /** @throws CausewayError for a body that cannot be read */
  read(body: Buffer, contentType: string): AskedOperation | Promise<AskedOperation>
}

/** One request of a client. */
export interface AskedOperation {
  /** The name of a Route, or `provider/model`. */
  readonly model: string
  /** Characters that the model reads, about. */
  readonly inputCharacters: number
  /** Everything in it that guardrails look into. */
  content(): unknown
  /** @throws ProviderFailure also where the provider has no such thing, so that another target is asked */
  ask(target: Target, adapter: ProviderAdapter<ProviderSpec>, signal: AbortSignal): Promise<BegunAnswer>
}

/**
 * Answers a request for embeddings, images and the like, from the credentials to the settled bill.
 * @throws CausewayError for everything that the client is to be told, ClientGone
 */
export async function answerOperation(
  { models, authenticator, ports, logger }: GatewayDependencies,
  { requestId, request, response, headers }: Exchange,
  { dialect, bodyLimit, contentType, maxOutputTokens, read }: GatewayOperation,
): Promise<void> {
  const caller = await authorise(authenticator, request)
  const body = await readBody(request, bodyLimit, contentType)
  const asked = await read(body, request.headers['content-type'] ?? '')
  const { model, inputCharacters, content } = asked
  const guard = await models.guard(caller, { content, dataClasses: toldDataClasses(request.headers) })
  const account = openAccount({
    ports,
    logger,
    now: () => models.clock.now(),
    requestId,
    trace: traceContextOf(request.headers),
    caller,
    guard,
    dialect,
    route: model,
    streamed: false,
    inputCharacters,
    maxOutputTokens,
    startedAt: new Date(models.clock.now()),
  })
  using deadline = callDeadline(models.deadlines.totalMs)
  using _ = watchDeparture(response, () => deadline.abort(new ClientGone()))
  try {
    const route = await models.resolve(caller, model)
    const head = { model, stream: false, maxOutputTokens, cacheKey: undefined }
    const choice = routingRequestOf({ head, body, needs: () => new Set() }, caller)
    const { begun } = await beginOnRoute({ models, caller, guard, route, choice, account, headers }, (_route, plan) =>
      models.attempt(plan, {
        scope: caller,
        guard,
        signal: deadline.signal,
        admit: target => account.admit(target),
        onFailure: (target, failure) => account.attemptFailed(target, failure),
        stream: false,
        attempt: (target, adapter, { signal }) => asked.ask(target, adapter, signal),
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
