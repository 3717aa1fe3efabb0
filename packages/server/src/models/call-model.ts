import { CausewayError } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import { textOf, toolCallsOf } from './content.ts'
import { createAnswerCollector } from './answer-collector.ts'
import { callDeadline } from './call-deadline.ts'
import type { ModelRouter } from './create-models.ts'
import type { ModelRequest } from './model-request.ts'
import type { ModelResponse } from './model-response.ts'
import type { CallOptions } from './models.ts'
import { estimateCost, priceCall } from './prices/price-call.ts'
import { beginStream } from './routing/begin-stream.ts'
import { routingRequestFor } from './routing/routing-request.ts'
import { subjectOf } from './subject-of.ts'
import { charactersOf } from './token-estimate.ts'

/** What a model is taken to write at the most when the request does not say. */
const outputTokensAtMost = 4096

/** Calls a model and drains its stream. */
export async function callModel(
  router: ModelRouter,
  scope: Scope,
  request: ModelRequest,
  { signal, caller, dataClasses = [], onText, admit }: CallOptions,
): Promise<ModelResponse> {
  const startedAt = router.clock.now()
  const route = await router.resolve(scope, request.route)
  using deadline = callDeadline(router.deadlines.totalMs, signal)
  const guard = await router.guard(scope, { content: () => request, dataClasses })
  await guard.inspect()
  const plan = router.plan(scope, route, routingRequestFor(request, caller))
  const {
    answer: collector,
    target,
    attempts,
  } = await router.attempt(plan, {
    scope,
    guard,
    signal: deadline.signal,
    admit: async candidate =>
      admit?.(
        subjectOf(request.route, candidate, [...guard.dataClasses(), ...plan.dataClasses]),
        estimateCost({
          spec: candidate.spec,
          model: candidate.model,
          inputCharacters: charactersOf(request),
          maxOutputTokens: request.maxOutputTokens ?? outputTokensAtMost,
          at: new Date(startedAt),
        }),
      ),
    stream: true,
    // The answer is drained inside of the attempt, so that one that breaks off is asked for elsewhere.
    async attempt(candidate, adapter, firstContent) {
      const stream = adapter.stream(candidate, request, { signal: firstContent.signal })
      const events = await beginStream(candidate.provider, stream)
      firstContent.met()
      const answer = createAnswerCollector({ inputCharacters: charactersOf(request) })
      for await (const event of events) {
        // A provider inside this process has no connection that an abort would break.
        deadline.signal.throwIfAborted()
        answer.add(event)
        if (event.type === 'text') onText?.(event.text)
      }
      return answer
    },
  })
  const { content, finishReason, usage, usageEstimated, billing } = collector.answer()
  if (!finishReason) throw new CausewayError('internal', 'A stream ended without an end.')
  const { provider, model, spec } = target
  return {
    provider,
    model,
    rehearsal: spec.type === 'rehearsal',
    content,
    text: textOf(content),
    toolCalls: toolCallsOf(content).map(({ callId, tool, arguments: input }) => ({ callId, tool, arguments: input })),
    finishReason,
    usage,
    ...priceCall({ spec, model, usage, usageEstimated, billing, at: new Date(startedAt) }),
    attempts: attempts.length,
    guardrails: guard.findings(),
    durationMs: router.clock.now() - startedAt,
  }
}
