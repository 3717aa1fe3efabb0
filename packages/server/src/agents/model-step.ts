import { CausewayError, type EventData } from '@causeway/contracts'
import type { Settlement } from '../budgets/index.ts'
import type { ModelRequest, ModelResponse } from '../models/index.ts'
import { spanOfModelCall } from './spans.ts'
import { reachedLimit, type RunState } from './fold-session.ts'
import { append, circumstancesOf, endRun, type Segment } from './segment.ts'

/**
 * Asks the model once: decide, reserve, call, settle, record.
 * @returns whether the run goes on; false when it has ended here
 */
export async function modelStep(segment: Segment, state: RunState): Promise<boolean> {
  const { dependencies, run, agent } = segment
  const request = await requestOf(segment, state)
  const estimate = await dependencies.models.estimate(run.scope, request).catch(toCausewayError)
  if (estimate instanceof CausewayError) return fail(segment, state, estimate)

  const limit = reachedLimit(state, 'model', estimate)
  if (limit) {
    await endRun(segment, state, { status: 'limited', reason: `limit-${kebab(limit)}`, limit, message: `The limit of ${limit} is used up.` })
    return false
  }
  const decision = await dependencies.policy.decide(run.scope, {
    action: 'call-model',
    principal: { agent: run.agent },
    route: agent.model,
    provider: estimate.provider,
    model: estimate.model,
    circumstances: circumstancesOf(segment),
  })
  if (decision.answer !== 'allow')
    return fail(segment, state, new CausewayError('policy-denied', decision.reasons.map(({ message }) => message).join(' ')))

  const reservation = await dependencies.ledger.reserve({
    scope: run.scope,
    runId: run.id,
    apiKeyId: run.apiKeyId,
    kind: 'model',
    subject: agent.model,
    tokens: estimate.tokens,
    nanoUsd: estimate.nanoUsd,
  })
  const step = state.spent.steps + 1
  dependencies.live.send({ type: 'model-started', runId: run.id, step, route: agent.model })
  const startedAt = new Date()
  const response = await dependencies.models
    .call(run.scope, request, {
      signal: segment.signal,
      onText: text => dependencies.live.send({ type: 'text-delta', runId: run.id, step, text }),
    })
    .catch(toCausewayError)
  spanOfModelCall(segment, { route: agent.model, startedAt, response })

  if (response instanceof CausewayError) {
    if (!segment.signal.aborted) await dependencies.ledger.release(reservation)
    else await dependencies.ledger.settle(reservation, abandoned(estimate))
    segment.signal.throwIfAborted()
    return fail(segment, state, response)
  }
  await dependencies.ledger.settle(reservation, { usage: response.usage, cost: response.cost, priceVersion: response.priceVersion })
  await record(segment, step, response)
  return true
}

async function requestOf({ dependencies, run, agent }: Segment, { messages }: RunState): Promise<ModelRequest> {
  const tools = await Promise.all(agent.tools.map(name => dependencies.manifests.active(run.scope, 'Tool', name)))
  return {
    route: agent.model,
    messages: [{ role: 'system', text: agent.instructions }, ...messages],
    tools: tools
      .filter(tool => tool !== undefined)
      .map(({ manifest }) => ({ name: manifest.name, description: manifest.spec.description, input: manifest.spec.input })),
    ...(agent.temperature !== undefined && { temperature: agent.temperature }),
    ...(agent.maxOutputTokens !== undefined && { maxOutputTokens: agent.maxOutputTokens }),
  }
}

async function record(segment: Segment, step: number, response: ModelResponse): Promise<void> {
  const { provider, model, rehearsal, text, toolCalls, finishReason, usage, cost, durationMs, attempts } = response
  const data: EventData<'model-responded'> = {
    step,
    route: segment.agent.model,
    provider,
    model,
    rehearsal,
    text,
    toolCalls: toolCalls.map((call, index) => ({ ...call, callId: `step${step}-${index}-${call.callId}` })),
    finishReason,
    usage,
    cost,
    durationMs,
    attempts,
  }
  await append(segment, [{ type: 'model-responded', data }], {
    steps: 1,
    inputTokens: usage.inputTokens,
    outputTokens: usage.outputTokens,
    nanoUsd: cost.nanoUsd,
    rehearsal,
  })
}

async function fail(segment: Segment, state: RunState, error: CausewayError): Promise<false> {
  const { code, message } = error
  const data = { step: state.spent.steps + 1, route: segment.agent.model, error: { code, message }, attempts: 1 }
  await append(segment, [{ type: 'model-failed', data }])
  await endRun(segment, state, { status: 'failed', reason: code, message })
  return false
}

/** A call that was given up may still be billed, so the books take all that was reserved. */
const abandoned = ({ tokens, nanoUsd }: { tokens: number; nanoUsd: number }): Settlement => ({
  usage: { inputTokens: 0, outputTokens: tokens, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 },
  cost: { nanoUsd, status: 'estimated' },
  priceVersion: null,
})

const toCausewayError = (thrown: unknown): CausewayError =>
  thrown instanceof CausewayError ? thrown : new CausewayError('provider-failed', String(thrown), { cause: thrown })

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)
