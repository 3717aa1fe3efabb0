import type { TokenUsage } from '@causeway/contracts'
import type { MediaPart } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import type { FinishReason } from '../../model-response.ts'
import type { StreamPart, Usage } from './language-model.ts'

/** The events of a stream. Ends without `finished` where the model was interrupted. @throws what the stream says went wrong */
export async function* readStream(stream: AsyncIterable<StreamPart>): AsyncGenerator<ModelEvent, void> {
  /** Of the calls of tools, by their ids. */
  const numbers = new Map<string, number>()
  const begin = (id: string, tool: string): ModelEvent => {
    const index = numbers.size
    numbers.set(id, index)
    return { type: 'tool-call', index, callId: id, tool }
  }
  for await (const part of stream)
    switch (part.type) {
      case 'response-metadata':
        yield {
          type: 'started',
          ...(part.id !== undefined && { id: part.id }),
          ...(part.modelId !== undefined && { model: part.modelId }),
        }
        break
      case 'text-delta':
        if (part.delta) yield { type: 'text', text: part.delta }
        break
      case 'reasoning-delta':
        if (part.delta) yield { type: 'reasoning', text: part.delta }
        break
      case 'text-end':
      case 'reasoning-end':
        yield { type: 'break' }
        break
      case 'tool-input-start':
        // What the provider runs itself is none of the client's calls.
        if (part.providerExecuted !== true) yield begin(part.id, part.toolName)
        break
      case 'tool-input-delta': {
        const index = numbers.get(part.id)
        if (index !== undefined) yield { type: 'tool-arguments', index, text: part.delta }
        break
      }
      case 'tool-call':
        if (part.providerExecuted === true || numbers.has(part.toolCallId)) break
        yield begin(part.toolCallId, part.toolName)
        yield { type: 'tool-arguments', index: numbers.size - 1, text: part.input }
        break
      case 'file':
        yield { type: 'media', part: mediaOf(part) }
        break
      case 'finish': {
        const usage = usageOf(part.usage)
        if (usage) yield { type: 'usage', usage }
        const reason = reasons[part.finishReason.unified]
        if (reason) yield { type: 'finished', reason }
        break
      }
      case 'error':
        throw part.error
    }
}

const reasons: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  'content-filter': 'content-filter',
  'tool-calls': 'tool-calls',
  other: 'stop',
}

function usageOf({ inputTokens, outputTokens }: Usage): TokenUsage | undefined {
  if (inputTokens.total === undefined || outputTokens.total === undefined) return undefined
  return {
    inputTokens: inputTokens.total,
    outputTokens: outputTokens.total,
    cachedInputTokens: inputTokens.cacheRead ?? 0,
    cacheWriteTokens: inputTokens.cacheWrite ?? 0,
    reasoningTokens: outputTokens.reasoning ?? 0,
  }
}

function mediaOf({ mediaType, data }: StreamPart & { type: 'file' }): MediaPart {
  const kind = (['image', 'audio', 'video'] as const).find(each => mediaType.startsWith(`${each}/`)) ?? 'document'
  const source =
    data.type === 'url'
      ? ({ type: 'url', url: data.url.href } as const)
      : ({
          type: 'base64',
          data: typeof data.data === 'string' ? data.data : Buffer.from(data.data).toString('base64'),
        } as const)
  return { type: 'media', media: kind, mediaType, source }
}
