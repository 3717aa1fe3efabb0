import type { ProviderSpec, StructuredOutputResult } from '@causeway/contracts'
import type { Scope } from '../../database/index.ts'
import { createAnswerCollector, type CollectedAnswer } from '../answer-collector.ts'
import { textOf } from '../content.ts'
import type { ModelRouter } from '../create-models.ts'
import type { FirstContentDeadline } from '../first-content-deadline.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import type { ModelEvent } from '../model-event.ts'
import { userMessage, type ModelRequest, type OutputFormat } from '../model-request.ts'
import type { ProviderAdapter, Target } from '../providers/provider-adapter.ts'
import type { Attempted } from '../routing/attempt-targets.ts'
import { beginStream } from '../routing/begin-stream.ts'
import type { RoutePlan } from '../routing/order-targets.ts'
import { targetName } from '../routing/target-latency.ts'
import { charactersOf } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { BegunAnswer, OutgoingHeaders } from './begun-answer.ts'
import type { CallAccount } from './call-account.ts'
import { checkOutput } from './check-output.ts'
import type { GenerateCall } from './generate-call.ts'
import { translateStream, translateWhole } from './translate-answer.ts'

interface CheckedCall {
  models: ModelRouter
  scope: Scope
  guard: CallGuard
  plan: RoutePlan
  call: GenerateCall
  output: Extract<OutputFormat, { type: 'json-schema' }>
  /** How often the model is asked again at most. */
  repairs: number
  account: CallAccount
  headers: OutgoingHeaders
  signal: AbortSignal
}

/** An answer that is whole before the client gets any of it. */
interface WholeAnswer {
  events: ModelEvent[]
  collected: CollectedAnswer
  dropped: string[]
}

/**
 * Asks for an answer that fits a schema: one that does not is shown to the model with what is wrong, to be given again. When
 * that does not help either, the client gets the last one, and is told so.
 */
export async function beginChecked(options: CheckedCall): Promise<Attempted<BegunAnswer>> {
  const { models, scope, guard, plan, call, output, repairs, account, headers, signal } = options
  let request = call.request()
  let targets = plan.targets
  let last: Attempted<WholeAnswer> | undefined
  for (let round = 0; ; round++) {
    const asked = request
    let attempted: Attempted<WholeAnswer>
    try {
      attempted = await models.attempt(
        { name: plan.name, targets },
        {
          scope,
          guard,
          signal,
          stream: true,
          admit: target => account.admit(target),
          attempt: (target, adapter, firstContent) => collect(asked, { target, adapter, firstContent, signal }),
        },
      )
    } catch (error) {
      signal.throwIfAborted()
      if (!last) throw error
      // What was paid for is not lost because it could not be made better.
      return answerWith(last, { settled: true, result: 'invalid', asked: round })
    }
    const attempts = [...(last?.attempts ?? []), ...attempted.attempts]
    last = { ...attempted, attempts }
    const { collected } = attempted.answer
    const check = checkOutput(output, collected)
    if (!check || check.fits || round === repairs) {
      const result = !check ? 'unchecked' : !check.fits ? 'invalid' : round > 0 ? 'repaired' : 'valid'
      return answerWith(last, { settled: false, result, asked: round })
    }
    account.began({ ...last, answer: await answerOf(last, false) })
    await account.brokeOff()
    request = withComplaint(asked, collected, check.why)
    const name = targetName(attempted.target)
    targets = [
      ...plan.targets.filter(each => targetName(each) === name),
      ...plan.targets.filter(each => targetName(each) !== name),
    ]
  }

  async function answerWith(
    attempted: Attempted<WholeAnswer>,
    { settled, result, asked }: { settled: boolean; result: StructuredOutputResult; asked: number },
  ): Promise<Attempted<BegunAnswer>> {
    headers['causeway-structured-output'] = result
    headers['causeway-repairs'] = asked
    account.checked({ result, repairs: asked })
    return { ...attempted, answer: await answerOf(attempted, settled) }
  }

  async function answerOf({ answer, target }: Attempted<WholeAnswer>, settled: boolean): Promise<BegunAnswer> {
    const { events, collected, dropped } = answer
    const written = {
      dialect: call.dialect,
      head: call.answerHead(target.model),
      inputCharacters: charactersOf(call.request()),
      dropped,
      framing: call.framing,
    }
    const replayed = replay(events)
    const begun = call.head.stream ? translateStream(replayed, written) : await translateWhole(replayed, written)
    return { ...begun, use: () => (settled ? { ...collected, usage: noTokens, usageEstimated: false } : collected) }
  }
}

async function collect(
  request: ModelRequest,
  {
    target,
    adapter,
    firstContent,
    signal,
  }: {
    target: Target
    adapter: ProviderAdapter<ProviderSpec>
    firstContent: FirstContentDeadline
    signal: AbortSignal
  },
): Promise<WholeAnswer> {
  const dropped: string[] = []
  const stream = adapter.stream(target, request, {
    signal: firstContent.signal,
    onDropped: fields => dropped.push(...fields),
  })
  const begun = await beginStream(target.provider, stream)
  firstContent.met()
  const collector = createAnswerCollector({ inputCharacters: charactersOf(request) })
  const events: ModelEvent[] = []
  for await (const event of begun) {
    signal.throwIfAborted()
    collector.add(event)
    events.push(event)
  }
  return { events, collected: collector.answer(), dropped }
}

const withComplaint = (request: ModelRequest, { content }: CollectedAnswer, why: string): ModelRequest => ({
  ...request,
  messages: [
    ...request.messages,
    { role: 'assistant', content: [{ type: 'text', text: textOf(content) }] },
    userMessage(
      `Your answer does not fit the JSON schema that was asked for: ${why}. Answer again, with JSON that fits it and nothing else.`,
    ),
  ],
})

async function* replay(events: readonly ModelEvent[]): AsyncGenerator<ModelEvent, void> {
  yield* events
}
