import { randomUUID } from 'node:crypto'
import { CausewayError } from '@causeway/contracts'
import type { Caller } from '../../identity/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { callDeadline } from '../call-deadline.ts'
import type { ModelRouter } from '../create-models.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import type { ModelPorts } from '../ports.ts'
import { beginStream } from '../routing/begin-stream.ts'
import type { ResolvedRoute } from '../routing/resolve-route.ts'
import { charactersOf } from '../token-estimate.ts'
import { openAccount } from './call-account.ts'
import { ClientGone } from './client-gone.ts'
import type { GenerateCall } from './generate-call.ts'
import { routingRequestOf } from './routing-request-of.ts'
import { translateWhole } from './translate-answer.ts'

/** A call that was answered and may be asked again of another model. */
interface AnsweredCall {
  caller: Caller
  call: GenerateCall
  route: ResolvedRoute
  guard: CallGuard
}

/** Asks a share of what was answered again of the model that a route names, of whose answers only figures are kept. */
export interface Shadows {
  /** Returns at once. What comes when there is too much under way is passed over. */
  follow(answered: AnsweredCall): void
  /** Breaks off what is under way, and waits until it is settled. */
  close(): Promise<void>
}

interface ShadowDependencies {
  models: ModelRouter
  ports: ModelPorts
  logger: Logger
}

/** Calls under way in this process, so that a slow shadow holds neither memory nor connections that clients need. */
const atOnce = 32

export function createShadows({ models, ports, logger }: ShadowDependencies): Shadows {
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()

  async function ask(name: string, { caller, call, guard }: AnsweredCall): Promise<void> {
    const { head, dialect, body, framing, requestId } = call
    const account = openAccount({
      ports,
      logger,
      now: () => models.clock.now(),
      requestId: randomUUID(),
      shadowOf: requestId,
      caller,
      guard,
      dialect: dialect.name,
      route: head.model,
      streamed: head.stream,
      inputCharacters: body.length,
      maxOutputTokens: head.maxOutputTokens,
      startedAt: new Date(models.clock.now()),
    })
    using deadline = callDeadline(models.deadlines.totalMs, closing.signal)
    try {
      const plan = models.plan(caller, await models.resolve(caller, name), routingRequestOf(call, caller))
      account.planned({ ...plan, name: head.model })
      const begun = await models.attempt(plan, {
        scope: caller,
        guard,
        signal: deadline.signal,
        stream: true,
        admit: target => account.admit(target),
        async attempt(target, adapter, firstContent) {
          const request = call.request()
          const events = await beginStream(
            target.provider,
            adapter.stream(target, request, { signal: firstContent.signal }),
          )
          firstContent.met()
          const inputCharacters = charactersOf(request)
          return translateWhole(events, {
            dialect,
            head: call.answerHead(target.model),
            inputCharacters,
            dropped: [],
            framing,
          })
        },
      })
      account.began(begun)
    } catch (error) {
      account.failed(error)
      if (!(error instanceof CausewayError || error instanceof ClientGone))
        logger.error({ err: error, requestId }, 'a shadow of a model call failed inside Causeway')
    } finally {
      await account.close()
    }
  }

  return {
    follow(answered) {
      const { shadow } = answered.route.spec
      if (!shadow || closing.signal.aborted || underWay.size >= atOnce || models.clock.random() >= shadow.share) return
      const asked = ask(`${shadow.provider}/${shadow.model}`, answered).finally(() => underWay.delete(asked))
      underWay.add(asked)
    },
    async close() {
      closing.abort(new ClientGone())
      await Promise.all(underWay)
    },
  }
}
