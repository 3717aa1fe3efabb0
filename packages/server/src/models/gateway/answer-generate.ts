import type { IncomingMessage, ServerResponse } from 'node:http'
import { traceContextOf } from '../../http/index.ts'
import type { Authenticator } from '../../identity/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { callDeadline } from '../call-deadline.ts'
import type { ModelRouter } from '../create-models.ts'
import type { ModelCaller, ModelPorts } from '../ports.ts'
import type { AgentModels } from './agent-models.ts'
import { agentCallIn, answerAgent } from './answer-agent.ts'
import { authorise } from './authorise.ts'
import type { AnswerCache } from './answer-cache.ts'
import { beginAnswer } from './begin-answer.ts'
import { openAccount } from './call-account.ts'
import { beginChecked } from './begin-checked.ts'
import { beginOnRoute } from './begin-on-route.ts'
import type { OutgoingHeaders } from './begun-answer.ts'
import { callingSession } from './calling-session.ts'
import { createCachedCall } from './cached-call.ts'
import { ClientGone } from './client-gone.ts'
import type { ModelEndpoint } from './client-dialects.ts'
import { sendToItsEnd } from './continue-answer.ts'
import { embedText } from './embed-text.ts'
import { createGenerateCall } from './generate-call.ts'
import { parseBody } from '../dialects/parse-body.ts'
import { toldDataClasses } from '../guarding/told-data-classes.ts'
import type { RoutePlan } from '../routing/order-targets.ts'
import type { ResolvedRoute } from '../routing/resolve-route.ts'
import { routingRequestOf } from './routing-request-of.ts'
import { bodyLimit } from './request-limits.ts'
import type { StreamFraming } from './stream-framing.ts'
import type { Shadows } from './shadows.ts'
import { watchDeparture } from './watch-departure.ts'
import { readBody } from './read-body.ts'
import type { ProviderBatches, ProviderFiles } from '../batches/index.ts'
import type { StoredResponses } from '../responses/index.ts'

export interface GatewayDependencies {
  models: ModelRouter
  authenticator: Authenticator
  ports: ModelPorts
  logger: Logger
  cache: AnswerCache
  shadows: Shadows
  /** Called for each call without credentials that are valid: nobody knows whose record it would be. */
  onStranger?: () => void
  /** Absent where no responses are kept. */
  storedResponses?: StoredResponses
  /** Absent where there are no agents. */
  agents?: AgentModels
  /** Absent where nobody can say whose a file is. */
  files?: ProviderFiles
  batches?: ProviderBatches
}

/** One request of a client with its response. */
export interface Exchange {
  requestId: string
  request: IncomingMessage
  response: ServerResponse
  headers: OutgoingHeaders
  framing: StreamFraming
}

/**
 * Answers a request for an answer of a model, from the credentials to the settled bill.
 * @throws CausewayError for everything that the client is to be told, ClientGone
 */
export async function answerGenerate(
  { models, authenticator, ports, logger, cache, shadows, storedResponses, agents }: GatewayDependencies,
  exchange: Exchange,
  { dialect, address }: ModelEndpoint,
): Promise<void> {
  const { requestId, request, response, headers, framing } = exchange
  const authorised = await authorise(authenticator, request)
  const sent = await readBody(request, bodyLimit)
  const agent = agentCallIn(sent, { dialect, address })
  if (agent !== undefined)
    return answerAgent({ agents, storedResponses }, { caller: authorised, ...agent, dialect, address }, exchange)
  const session = await callingSession(ports, authorised, request.headers)
  const caller: ModelCaller = session ? { ...authorised, agent: session.agent } : authorised
  const stored = dialect.name === 'openai-responses' ? await storedResponses?.resolve(caller, sent) : undefined
  const body = stored?.body ?? sent
  const startedAt = new Date(models.clock.now())
  const call = createGenerateCall({
    requestId,
    dialect,
    address,
    headers: request.headers,
    framing,
    body,
    startedAt,
    repeated: stored?.repeated,
  })
  const { head } = call
  const guard = await models.guard(caller, {
    content: () => parseBody(body),
    dataClasses: [...toldDataClasses(request.headers), ...(session?.dataClasses ?? [])],
  })
  const account = openAccount({
    ports,
    logger,
    now: () => models.clock.now(),
    requestId,
    trace: traceContextOf(request.headers),
    caller,
    session,
    guard,
    dialect: dialect.name,
    route: head.model,
    streamed: head.stream,
    inputCharacters: body.length,
    maxOutputTokens: head.maxOutputTokens,
    startedAt,
  })
  using deadline = callDeadline(models.deadlines.totalMs)
  using _ = watchDeparture(response, () => deadline.abort(new ClientGone()))
  // A response that is stored is one of its own: it can be deleted.
  using cached = stored?.keep
    ? undefined
    : createCachedCall({
        cache,
        caller,
        guard,
        call,
        address,
        account,
        response,
        headers,
        signal: deadline.signal,
        now: () => models.clock.now(),
        embed: (route, text) =>
          embedText(route, text, { models, ports, logger, caller, guard, signal: deadline.signal }),
      })
  /** Where the route has structured output checked, and some was asked for. */
  const checked = async ({ spec: { repairs } }: ResolvedRoute, plan: RoutePlan) => {
    const output = repairs === undefined ? undefined : call.request().output
    if (repairs === undefined || output?.type !== 'json-schema') return undefined
    const { signal } = deadline
    return beginChecked({ models, scope: caller, guard, plan, call, output, repairs, account, headers, signal })
  }
  try {
    const route = await models.resolve(caller, head.model)
    await guard.inspect()
    const choice = routingRequestOf(call, caller)
    const { plan, begun } = await beginOnRoute(
      { models, caller, guard, route, choice, account, headers },
      async (taken, chosen) =>
        (await cached?.find(taken, chosen)) ??
        (await checked(taken, chosen)) ??
        models.attempt(chosen, {
          scope: caller,
          guard,
          signal: deadline.signal,
          admit: (target, admission) => account.admit(target, admission),
          hedgeAfterMs: chosen.hedgeAfterMs,
          stream: head.stream,
          attempt: (target, adapter, { signal }) => beginAnswer(call, target, adapter, signal),
        }),
    )
    await sendToItsEnd(begun, {
      models,
      scope: caller,
      guard,
      call,
      plan,
      account,
      response,
      headers,
      keep: stored?.keep,
      signal: deadline.signal,
    })
    cached?.keep(begun)
    if (headers['causeway-cache'] !== 'hit') shadows.follow({ caller, call, route, guard })
  } catch (error) {
    account.failed(error)
    throw error
  } finally {
    await account.close()
  }
}
