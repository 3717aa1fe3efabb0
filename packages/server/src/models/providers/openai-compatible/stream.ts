import { readFinishReason } from '../../dialects/openai-chat/finish-reason.ts'
import { readUsage } from '../../dialects/openai-chat/usage.ts'
import { textOf, WireChunk } from '../../dialects/openai-chat/wire.ts'
import { readSse } from '../../dialects/sse/read-sse.ts'
import type { ModelEvent } from '../../model-event.ts'
import { streamedError } from '../transport/streamed-error.ts'

/** The events of a streamed chat completion. Choices after the first are not read. */
export async function* chatEvents(provider: string, body: AsyncIterable<Buffer>): AsyncGenerator<ModelEvent, void> {
  const toolCalls = new ToolCallNumbers()
  let finished: ModelEvent | undefined
  for await (const { data } of readSse(body)) {
    if (data === '[DONE]') break
    const chunk = parseChunk(provider, data)
    if (chunk.error) throw streamedError(provider, chunk.error)
    const usage = chunk.usage ?? chunk.x_groq?.usage
    if (usage) yield { type: 'usage', usage: readUsage(usage) }
    const choice = chunk.choices?.find(({ index }) => (index ?? 0) === 0)
    const text = textOf(choice?.delta?.content)
    if (text) yield { type: 'text', text }
    for (const delta of choice?.delta?.tool_calls ?? []) yield* toolCalls.read(delta)
    if (choice?.finish_reason) finished = { type: 'finished', reason: readFinishReason(choice.finish_reason) }
  }
  // The chunk with the usage follows the one with the finish reason, and nothing may follow `finished`.
  if (finished?.type === 'finished')
    yield toolCalls.seen && finished.reason === 'stop' ? { ...finished, reason: 'tool-calls' } : finished
}

function parseChunk(provider: string, data: string): WireChunk {
  try {
    return WireChunk.parse(JSON.parse(data))
  } catch (error) {
    throw streamedError(provider, { message: 'an event of the stream could not be read' }, error)
  }
}

type ToolCallDelta = NonNullable<
  NonNullable<NonNullable<NonNullable<WireChunk['choices']>[number]['delta']>['tool_calls']>
>[number]

/** Some servers leave the index out and send each tool call whole; a new id then is a new call. */
class ToolCallNumbers {
  readonly #known = new Map<number, string>()

  get seen(): boolean {
    return this.#known.size > 0
  }

  *read(delta: ToolCallDelta): Generator<ModelEvent, void> {
    const index = delta.index ?? this.#indexFor(delta.id)
    if (!this.#known.has(index)) {
      const callId = delta.id || `call_${index}`
      this.#known.set(index, callId)
      yield { type: 'tool-call', index, callId, tool: delta.function?.name ?? '' }
    }
    if (delta.function?.arguments) yield { type: 'tool-arguments', index, text: delta.function.arguments }
  }

  #indexFor(id: string | null | undefined): number {
    if (!id) return Math.max(0, this.#known.size - 1)
    for (const [index, known] of this.#known) if (known === id) return index
    return this.#known.size
  }
}
