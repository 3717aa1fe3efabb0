import type { ServerResponse } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { createAnswerCollector, type CollectedAnswer } from '../answer-collector.ts'
import type { ModelRouter } from '../create-models.ts'
import type { Scope } from '../../database/index.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import type { ModelEvent } from '../model-event.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { Target } from '../providers/provider-adapter.ts'
import type { Attempted } from '../routing/attempt-targets.ts'
import { beginStream } from '../routing/begin-stream.ts'
import type { RoutePlan } from '../routing/order-targets.ts'
import { targetName } from '../routing/target-latency.ts'
import { charactersOf } from '../token-estimate.ts'
import type { BegunAnswer, KeepAnswer, OutgoingHeaders } from './begun-answer.ts'
import type { CallAccount } from './call-account.ts'
import type { GenerateCall } from './generate-call.ts'
import { afterPrefill, afterSameBegin, canBeContinued, withPrefill } from './rest-of-answer.ts'
import { writeSlowly } from './write-slowly.ts'

interface SendOptions {
  models: ModelRouter
  scope: Scope
  guard: CallGuard
  call: GenerateCall
  plan: RoutePlan
  account: CallAccount
  response: ServerResponse
  headers: OutgoingHeaders
  keep: KeepAnswer | undefined
  signal: AbortSignal
}

/** How often one answer is gone on with. */
const continuations = 2

/**
 * Sends an answer to its end. A stream that breaks off is gone on with at another target, or at the same one: by handing
 * the model what it has said where it can go on with that, else by asking anew and sending what follows the same begin.
 * @throws ProviderFailure when that is not possible; the client then has an answer that is not whole and must be told
 */
export async function sendToItsEnd(begun: Attempted<BegunAnswer>, options: SendOptions): Promise<void> {
  const { response, headers, keep, account, signal } = options
  let current = begun
  let emitted: CollectedAnswer | undefined
  try {
    for (let round = 0; ; round++) {
      try {
        await current.answer.send(response, headers, keep)
        return
      } catch (error) {
        if (!hasBrokenOff(error, response)) throw error
        emitted = await current.answer.emitted()
        if (!emitted || !canBeContinued(emitted) || round === continuations) throw error
      }
      signal.throwIfAborted()
      await account.brokeOff()
      current = await askForTheRest(current.target, emitted, options)
      account.began(current)
    }
  } catch (error) {
    endBroken(error, emitted, begun.target, options)
    throw error
  }
}

const hasBrokenOff = (error: unknown, response: ServerResponse): boolean =>
  error instanceof ProviderFailure && error.failureClass !== 'request' && isUnderWay(response)

const isUnderWay = (response: ServerResponse): boolean =>
  response.headersSent && !response.writableEnded && !response.destroyed

/** Ends a stream in its dialect, after what was sent, so that nobody takes it for a whole answer. */
function endBroken(
  error: unknown,
  emitted: CollectedAnswer | undefined,
  { model }: Target,
  { call, response }: SendOptions,
): void {
  if (!isUnderWay(response) || !(error instanceof CausewayError)) return
  const writer = call.dialect.writeStream(call.answerHead(emitted?.model ?? model), emitted)
  response.end([call.framing.frame(writer.fail(error)), call.framing.end()].join(''))
}

async function askForTheRest(
  failed: Target,
  emitted: CollectedAnswer,
  { models, scope, guard, call, plan, account, signal }: SendOptions,
): Promise<Attempted<BegunAnswer>> {
  const request = call.request()
  // The one that has just failed is asked when there is no other.
  const others = plan.targets.filter(target => targetName(target) !== targetName(failed))
  const targets = [...others, ...plan.targets.filter(target => !others.includes(target))]
  return models.attempt(
    { name: plan.name, targets },
    {
      scope,
      guard,
      signal,
      stream: true,
      admit: target => account.admit(target),
      async attempt(target, adapter, deadline) {
        const ask = async (prefill: boolean): Promise<AsyncIterable<ModelEvent>> => {
          const asked = prefill ? withPrefill(request, emitted) : request
          const events = await beginStream(target.provider, adapter.stream(target, asked, { signal: deadline.signal }))
          return prefill ? afterPrefill(events, emitted) : afterSameBegin(target.provider, events, emitted)
        }
        const rest = adapter.continues?.(target) === true ? await ask(true).catch(askAnew) : await ask(false)
        return restOfAnswer(rest, emitted, call, failed.model)

        /** A model that does not go on with its words says so by refusing the request, which is none of the client's business. */
        function askAnew(error: unknown): Promise<AsyncIterable<ModelEvent>> {
          if (error instanceof ProviderFailure && error.failureClass === 'request') return ask(false)
          throw error
        }
      },
    },
  )
}

/** Writes what follows to a client that has the begin. */
function restOfAnswer(
  events: AsyncIterable<ModelEvent>,
  emitted: CollectedAnswer,
  { dialect, framing, request, answerHead }: GenerateCall,
  model: string,
): BegunAnswer {
  const collector = createAnswerCollector({ inputCharacters: charactersOf(request()) })
  const writer = dialect.writeStream(answerHead(emitted.model ?? model), emitted)
  for (const part of emitted.content) {
    if (part.type === 'text') collector.add({ type: 'text', text: part.text })
    if (part.type === 'reasoning') collector.add({ type: 'reasoning', text: part.text })
  }
  return {
    async send(response, _headers, keep) {
      const begin = writer.begin()
      if (begin) await writeSlowly(response, framing.frame(begin))
      for await (const event of events) {
        collector.add(event)
        const text = writer.write(event)
        if (text) await writeSlowly(response, framing.frame(text))
      }
      const last = writer.end(collector.answer())
      await keep?.(last)
      response.end([framing.frame(last), framing.end()].join(''))
    },
    emitted: () => Promise.resolve(collector.answer()),
    use: () => collector.answer(),
  }
}
