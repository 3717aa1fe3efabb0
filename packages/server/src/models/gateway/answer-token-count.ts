import { CausewayError } from '@causeway/contracts'
import { callDeadline } from '../call-deadline.ts'
import { readAtMost } from '../providers/transport/read-body.ts'
import { parseBody } from '../dialects/parse-body.ts'
import { toldDataClasses } from '../guarding/told-data-classes.ts'
import { subjectOf } from '../subject-of.ts'
import { charactersOf, estimateTokens } from '../token-estimate.ts'
import { authorise } from './authorise.ts'
import type { Exchange, GatewayDependencies } from './answer-generate.ts'
import type { ModelEndpoint } from './client-dialects.ts'
import { ClientGone } from './client-gone.ts'
import { createGenerateCall } from './generate-call.ts'
import { readBody } from './read-body.ts'
import { bodyLimit } from './request-limits.ts'
import { requireAllowed } from './require-allowed.ts'
import { routingRequestOf } from './routing-request-of.ts'
import { watchDeparture } from './watch-departure.ts'

/** Bytes of a provider's answer, which is one number. */
const answerLimit = 64 * 1024

/**
 * Answers how many tokens a request has: the provider counts where it speaks the client's dialect, else they are
 * estimated, which the header `causeway-estimated` says. Counting costs nothing and is no call of the model.
 * @throws CausewayError for everything that the client is to be told, ClientGone
 */
export async function answerTokenCount(
  { models, authenticator, ports }: GatewayDependencies,
  { requestId, request, response, headers, framing }: Exchange,
  { dialect, address }: ModelEndpoint,
): Promise<void> {
  const caller = await authorise(authenticator, request)
  const body = await readBody(request, bodyLimit)
  const startedAt = new Date(models.clock.now())
  const call = createGenerateCall({ requestId, dialect, address, headers: request.headers, framing, body, startedAt })
  const guard = await models.guard(caller, {
    content: () => parseBody(body),
    dataClasses: toldDataClasses(request.headers),
  })
  const plan = models.plan(caller, await models.resolve(caller, call.head.model), routingRequestOf(call, caller))
  using deadline = callDeadline(models.deadlines.totalMs)
  using _ = watchDeparture(response, () => deadline.abort(new ClientGone()))
  const { answer } = await models.attempt(plan, {
    scope: caller,
    guard,
    signal: deadline.signal,
    admit: target =>
      requireAllowed(ports, caller, subjectOf(call.head.model, target, [...guard.dataClasses(), ...plan.dataClasses])),
    stream: false,
    attempt: async (target, { relay }, { signal }) => {
      if (!relay?.dialects(target).includes(dialect.name)) return undefined
      const counted = await relay.send(target, call.head.bodyFor(target.model), {
        dialect: dialect.name,
        operation: 'count-tokens',
        stream: false,
        clientHeaders: request.headers,
        signal,
      })
      return readAtMost(counted.body, answerLimit)
    },
  })
  response.writeHead(200, {
    ...headers,
    'content-type': 'application/json',
    ...(!answer && { 'causeway-estimated': 'true' }),
  })
  response.end(answer ?? JSON.stringify(estimate()))

  function estimate(): Record<string, unknown> {
    if (!dialect.writeTokenCount) throw new CausewayError('not-found', 'Tokens cannot be counted in this dialect.')
    return dialect.writeTokenCount(estimateTokens(charactersOf(call.request())))
  }
}
