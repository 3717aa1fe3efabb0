import { CausewayError } from '@causeway/contracts'
import { textOf, type InputPart, type MediaPart, type OutputPart } from '../../content.ts'
import { extraFieldsFor } from '../../dialects/extra-fields.ts'
import type { ModelMessage, ModelRequest } from '../../model-request.ts'
import type { CallOptions, FilePart, PromptMessage, ResultPart, TextPart } from './language-model.ts'

/**
 * A request as the AI SDK takes it, with the names of what it has no place for.
 * @throws CausewayError invalid-request where the answer would be another without that
 */
export function writeCall(request: ModelRequest, abortSignal: AbortSignal): { call: CallOptions; dropped: string[] } {
  const { messages, tools, toolChoice, output, reasoning, maxOutputTokens, stop } = request
  const dropped = [...extraFieldsFor(request, null).dropped]
  for (const field of ['parallelToolCalls', 'serviceTier', 'user', 'cacheKey'] as const)
    if (request[field] !== undefined) dropped.push(field)
  const { temperature, topP, topK, presencePenalty, frequencyPenalty, seed } = request
  const sampling = { temperature, topP, topK, presencePenalty, frequencyPenalty, seed }
  return {
    dropped,
    call: {
      prompt: promptOf(messages, what => dropped.push(what)),
      ...Object.fromEntries(Object.entries(sampling).filter(([, value]) => value !== undefined)),
      ...(maxOutputTokens !== undefined && { maxOutputTokens }),
      ...(stop && { stopSequences: stop }),
      ...(tools.length > 0 && {
        tools: tools.map(({ name, description, input, strict }) => ({
          type: 'function' as const,
          name,
          description,
          inputSchema: input,
          ...(strict !== undefined && { strict }),
        })),
      }),
      ...(toolChoice && {
        toolChoice: typeof toolChoice === 'string' ? { type: toolChoice } : { type: 'tool', toolName: toolChoice.tool },
      }),
      ...(output && { responseFormat: { ...output, type: 'json' as const } }),
      ...(reasoning?.effort && { reasoning: reasoning.effort }),
      abortSignal,
    },
  }
}

type Drop = (what: string) => void

function promptOf(messages: readonly ModelMessage[], drop: Drop): PromptMessage[] {
  const prompt: PromptMessage[] = []
  for (const message of messages) {
    const last = prompt.at(-1)
    // The results of calls that were made at once stand in one message.
    if (message.role === 'tool' && last?.role === 'tool') last.content.push(resultOf(message, drop))
    else prompt.push(messageOf(message, drop))
  }
  return prompt
}

function messageOf(message: ModelMessage, drop: Drop): PromptMessage {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: textOf(message.content) }
    case 'user':
      return { role: 'user', content: message.content.flatMap(part => inputOf(part, drop)) }
    case 'assistant':
      return { role: 'assistant', content: message.content.flatMap(part => outputOf(part, drop)) }
    case 'tool':
      return { role: 'tool', content: [resultOf(message, drop)] }
  }
}

function inputOf(part: InputPart, drop: Drop): (TextPart | FilePart)[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text }]
  if (part.type === 'media') return [fileOf(part)]
  drop(part.type)
  return []
}

function outputOf(part: OutputPart, drop: Drop): (PromptMessage & { role: 'assistant' })['content'] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', text: part.text }]
    case 'reasoning':
      // Without what only its provider can read, thoughts of another call are of no use.
      if (part.state) drop('reasoning')
      return []
    case 'tool-call':
      return [{ type: 'tool-call', toolCallId: part.callId, toolName: part.tool, input: part.arguments }]
    case 'media':
      return [fileOf(part)]
    case 'foreign':
      drop(part.type)
      return []
  }
}

function resultOf({ callId, tool, content, failed }: ModelMessage & { role: 'tool' }, drop: Drop): ResultPart {
  const named = { type: 'tool-result', toolCallId: callId, toolName: tool } as const
  if (content.every(({ type }) => type === 'text'))
    return { ...named, output: { type: failed ? 'error-text' : 'text', value: textOf(content) } }
  return { ...named, output: { type: 'content', value: content.flatMap(part => inputOf(part, drop)) } }
}

const usualTypes = { image: 'image', audio: 'audio', video: 'video', document: 'application/pdf' } as const

function fileOf({ media, mediaType, source, name }: MediaPart): FilePart {
  if (source.type === 'file')
    throw new CausewayError('invalid-request', 'A file that was uploaded to one provider cannot be sent to another.')
  return {
    type: 'file',
    mediaType: mediaType ?? usualTypes[media],
    data: source.type === 'base64' ? { type: 'data', data: source.data } : { type: 'url', url: urlOf(source.url) },
    ...(name !== undefined && { filename: name }),
  }
}

function urlOf(text: string): URL {
  const url = URL.parse(text)
  if (url) return url
  throw new CausewayError('invalid-request', 'The address of an image or a file is no URL.')
}
