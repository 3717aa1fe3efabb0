import { randomUUID } from 'node:crypto'
import type { ModelEvent } from '../../model-event.ts'
import type { ModelRequest } from '../../model-request.ts'
import type { FinishReason } from '../../model-response.ts'
import { ProviderFailure } from '../../provider-failure.ts'
import { createEventQueue } from './event-queue.ts'
import { historyOf } from './history.ts'
import type { LoadedModel } from './local-model.ts'

interface GenerationOptions {
  provider: string
  signal: AbortSignal
}

interface AnswerOptions extends GenerationOptions {
  stop: (error: Error) => void
  emit: (event: ModelEvent) => void
}

const finishReasons: Readonly<Record<string, FinishReason>> = { functionCalls: 'tool-calls', maxTokens: 'length' }

/** The events of one answer of a model in memory. Leaving early ends the generation. */
export async function* generate(
  model: LoadedModel,
  request: ModelRequest,
  { provider, signal }: GenerationOptions,
): AsyncGenerator<ModelEvent, void> {
  const queue = createEventQueue<ModelEvent>()
  const left = new AbortController()
  const generating = answer(model, request, {
    provider,
    signal: AbortSignal.any([signal, left.signal]),
    stop: error => left.abort(error),
    emit: event => queue.push(event),
  }).then(
    () => queue.end(),
    (error: unknown) =>
      queue.end(error instanceof Error ? error : new Error('the generation failed', { cause: error })),
  )
  try {
    yield* queue
  } finally {
    left.abort()
    // The next conversation may begin only when this one has left the context.
    await generating
  }
}

async function answer(
  { chat, sequence }: LoadedModel,
  request: ModelRequest,
  { provider, signal, stop: stopWith, emit }: AnswerOptions,
): Promise<void> {
  const { tools, toolChoice, temperature, topP, stop, maxOutputTokens } = request
  const before = sequence.tokenMeter.getState()
  let calls = 0
  const { metadata } = await chat.generateResponse(historyOf(request.messages), {
    signal,
    ...(maxOutputTokens !== undefined && { maxTokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature }),
    ...(topP !== undefined && { topP }),
    ...(stop && { customStopTriggers: stop }),
    contextShift: {
      // By default the library drops the oldest turns without a word, and the agent would act on half a conversation.
      // What a strategy throws is ignored, so that the generation is stopped from outside.
      strategy() {
        stopWith(doesNotFit(provider))
        return { chatHistory: [{ type: 'model', response: [] }], metadata: null }
      },
    },
    ...(tools.length > 0 &&
      toolChoice !== 'none' && {
        functions: Object.fromEntries(
          tools.map(({ name, description, input }) => [name, { description, params: input }]),
        ),
        onFunctionCall({ functionName, params }) {
          const index = calls++
          emit({ type: 'tool-call', index, callId: `call_${randomUUID()}`, tool: functionName })
          emit({ type: 'tool-arguments', index, text: JSON.stringify(params ?? {}) })
        },
      }),
    onTextChunk: text => emit({ type: 'text', text }),
  })
  const { usedInputTokens, usedOutputTokens } = sequence.tokenMeter.diff(before)
  // What the conversation has in common with the one before is still in the context and is not read again.
  const inputTokens = Math.max(usedInputTokens, sequence.nextTokenIndex - usedOutputTokens)
  emit({
    type: 'usage',
    usage: {
      inputTokens,
      outputTokens: usedOutputTokens,
      cachedInputTokens: inputTokens - usedInputTokens,
      cacheWriteTokens: 0,
      reasoningTokens: 0,
    },
  })
  emit({ type: 'finished', reason: finishReasons[metadata.stopReason] ?? 'stop' })
}

const doesNotFit = (provider: string): ProviderFailure =>
  new ProviderFailure('context-too-long', `The conversation does not fit into the local model of "${provider}".`, {
    failureClass: 'context-overflow',
  })
