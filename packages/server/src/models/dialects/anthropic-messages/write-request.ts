import { CausewayError } from '@causeway/contracts'
import type { CacheMarker, InputPart, MediaPart, OutputPart } from '../../content.ts'
import { textOf } from '../../content.ts'
import type { ModelMessage, ModelRequest, ToolChoice } from '../../model-request.ts'
import type { WriteRequestOptions, WrittenRequest } from '../dialect.ts'
import { extraFieldsFor } from '../extra-fields.ts'
import { takesEffort } from './model-generation.ts'
import { returnedThinking } from './thinking.ts'

// Anthropic requires max_tokens. Every Claude model that is still served allows this many.
const defaultMaxTokens = 4096

type Block = Record<string, unknown>
interface Turn {
  role: 'user' | 'assistant'
  content: Block[]
}

/** The body of POST /v1/messages. */
export function writeMessagesRequest(request: ModelRequest, { model, stream }: WriteRequestOptions): WrittenRequest {
  const extra = extraFieldsFor(request, 'anthropic-messages')
  const dropped = [...extra.dropped]
  const body = {
    model,
    ...writeSettings(request, model, dropped),
    ...(stream && { stream: true }),
    ...writeSystem(request.messages),
    messages: turnsOf(request.messages),
    ...writeTools(request, extra.tools),
    ...extra.fields,
  }
  return { body, dropped }
}

function writeSystem(messages: readonly ModelMessage[]): Block {
  const parts = messages.filter(({ role }) => role === 'system').flatMap(({ content }) => content)
  const texts = parts.filter(part => part.type === 'text').filter(({ text }) => text.trim())
  if (texts.length === 0) return {}
  if (!texts.some(({ cache }) => cache)) return { system: texts.map(({ text }) => text).join('\n\n') }
  return { system: texts.map(({ text, cache }) => ({ type: 'text', text, ...cacheControl(cache) })) }
}

const cacheControl = (cache: CacheMarker | undefined): Block =>
  cache ? { cache_control: { type: 'ephemeral', ...(cache.ttl && { ttl: cache.ttl }) } } : {}

function writeSettings(request: ModelRequest, model: string, dropped: string[]): Block {
  const { output, user, seed, presencePenalty, frequencyPenalty, cacheKey, serviceTier } = request
  const thinking = writeThinking(request, model)
  const thinks = thinking.budget !== undefined || thinking.adaptive
  const maxTokens = request.maxOutputTokens ?? defaultMaxTokens
  const lost = {
    seed,
    presence_penalty: presencePenalty,
    frequency_penalty: frequencyPenalty,
    prompt_cache_key: cacheKey,
    // A model that thinks takes no temperature but 1.
    temperature: thinks && request.temperature !== 1 ? request.temperature : undefined,
    top_k: thinks ? request.topK : undefined,
    service_tier: isOwnTier(serviceTier) ? undefined : serviceTier,
    reasoning: request.reasoning && request.reasoning.effort !== 'none' && !thinks ? request.reasoning : undefined,
    response_format: output?.type === 'json' ? output : undefined,
  }
  dropped.push(...Object.entries(lost).flatMap(([field, value]) => (value === undefined ? [] : [field])))
  const format = output?.type === 'json-schema' ? { format: { type: 'json_schema', schema: output.schema } } : undefined
  const config = { ...(thinking.effort && { effort: thinking.effort }), ...format }
  return {
    // What is thought counts into the limit.
    max_tokens: thinking.budget === undefined ? maxTokens : Math.max(maxTokens, thinking.budget + 1024),
    ...(thinking.block && { thinking: thinking.block }),
    ...(Object.keys(config).length > 0 && { output_config: config }),
    // Anthropic's scale ends at 1 and OpenAI's at 2.
    ...(request.temperature !== undefined &&
      (!thinks || request.temperature === 1) && { temperature: Math.min(1, request.temperature) }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.topK !== undefined && !thinks && { top_k: request.topK }),
    ...(request.stop && { stop_sequences: request.stop }),
    ...(user !== undefined && { metadata: { user_id: user } }),
    ...(isOwnTier(serviceTier) && { service_tier: serviceTier }),
  }
}

const isOwnTier = (tier: string | undefined): boolean => tier === 'auto' || tier === 'standard_only'

interface WrittenThinking {
  block?: Block
  budget?: number
  adaptive?: boolean
  effort?: string
}

/** Within a loop of tool calls the provider goes on thinking only from thoughts that it has signed. */
function canThink(messages: readonly ModelMessage[]): boolean {
  const lastUser = messages.findLastIndex(({ role }) => role === 'user')
  return messages.slice(lastUser + 1).every(message => {
    if (message.role !== 'assistant' || !message.content.some(({ type }) => type === 'tool-call')) return true
    return message.content.some(part => part.type === 'reasoning' && returnedThinking(part).length > 0)
  })
}

const budgets: Readonly<Record<string, number>> = { minimal: 1024, low: 2048, medium: 8192, high: 16_384 }
const efforts: Readonly<Record<string, string>> = { minimal: 'low' }

function writeThinking({ reasoning, messages }: ModelRequest, model: string): WrittenThinking {
  if (!reasoning || !canThink(messages)) return {}
  const { effort, budgetTokens, show } = reasoning
  if (effort === 'none') return { block: { type: 'disabled' } }
  const known = effort === undefined ? {} : { effort: efforts[effort] ?? effort }
  if (budgetTokens !== undefined) {
    const budget = Math.max(1024, budgetTokens)
    return { block: { type: 'enabled', budget_tokens: budget }, budget, ...(takesEffort(model) && known) }
  }
  if (takesEffort(model))
    return { block: { type: 'adaptive', ...(show && { display: 'summarized' }) }, adaptive: true, ...known }
  const budget = budgets[effort ?? 'medium'] ?? 16_384
  return { block: { type: 'enabled', budget_tokens: budget }, budget }
}

function writeTools(request: ModelRequest, foreign: readonly unknown[]): Block {
  const { tools, toolChoice, parallelToolCalls } = request
  if (tools.length + foreign.length === 0) return {}
  return {
    tools: [
      ...tools.map(({ name, description, input, strict, cache }) => ({
        name,
        ...(description && { description }),
        input_schema: { type: 'object', ...input },
        ...(strict && { strict }),
        ...cacheControl(cache),
      })),
      ...foreign,
    ],
    ...((toolChoice !== undefined || parallelToolCalls === false) && {
      tool_choice: {
        ...writeToolChoice(toolChoice ?? 'auto'),
        ...(parallelToolCalls === false && toolChoice !== 'none' && { disable_parallel_tool_use: true }),
      },
    }),
  }
}

function writeToolChoice(choice: ToolChoice): Block {
  if (typeof choice !== 'string') return { type: 'tool', name: choice.tool }
  return { type: choice === 'required' ? 'any' : choice }
}

/** Turns alternate: results of parallel tool calls must stand together in the user turn after the calls. */
function turnsOf(messages: readonly ModelMessage[]): Turn[] {
  const turns: Turn[] = []
  for (const message of messages) {
    if (message.role === 'system') continue
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = blocksOf(message)
    if (content.length === 0) continue
    const last = turns.at(-1)
    if (last?.role === role) last.content.push(...content)
    else turns.push({ role, content })
  }
  return turns
}

function blocksOf(message: Exclude<ModelMessage, { role: 'system' }>): Block[] {
  switch (message.role) {
    case 'user':
      return message.content.flatMap(inputBlocks)
    case 'assistant':
      return message.content.flatMap(outputBlocks)
    case 'tool': {
      const content = message.content.flatMap(inputBlocks)
      const onlyText = message.content.every(part => part.type === 'text' && !part.cache)
      return [
        {
          type: 'tool_result',
          tool_use_id: callIdOf(message.callId),
          content: onlyText ? textOf(message.content) : content,
          ...(message.failed && { is_error: true }),
        },
      ]
    }
  }
}

/** Ids of other providers may have characters that Anthropic refuses. */
const callIdOf = (id: string): string => id.replace(/[^\w-]/g, '_')

function inputBlocks(part: InputPart): Block[] {
  switch (part.type) {
    case 'text':
      // Anthropic refuses text blocks that are empty or blank.
      return part.text.trim() ? [{ type: 'text', text: part.text, ...cacheControl(part.cache) }] : []
    case 'media':
      return [{ ...mediaBlock(part), ...cacheControl(part.cache) }]
    case 'foreign':
      if (part.dialect === 'anthropic-messages') return [part.value as Block]
      throw untranslatable('a part of another dialect')
  }
}

function outputBlocks(part: OutputPart): Block[] {
  switch (part.type) {
    case 'text': {
      const citations = (part.citations ?? []).filter(({ dialect }) => dialect === 'anthropic-messages')
      if (!part.text.trim()) return []
      return [
        {
          type: 'text',
          text: part.text,
          ...(citations.length > 0 && { citations: citations.map(({ value }) => value) }),
          ...cacheControl(part.cache),
        },
      ]
    }
    case 'refusal':
      return part.text.trim() ? [{ type: 'text', text: part.text }] : []
    case 'reasoning':
      return returnedThinking(part)
    case 'tool-call':
      return [
        {
          type: 'tool_use',
          id: callIdOf(part.callId),
          name: part.tool,
          // What the model once wrote that was no JSON object is kept where the model can see its mistake.
          input: typeof part.arguments === 'string' ? { invalid: part.arguments } : part.arguments,
        },
      ]
    case 'foreign':
      // What another provider ran by itself is no part of the conversation here.
      return part.dialect === 'anthropic-messages' ? [part.value as Block] : []
    case 'media':
      return [mediaBlock(part)]
  }
}

const usualType: Partial<Record<MediaPart['media'], string>> = { image: 'image/png', document: 'application/pdf' }

function mediaBlock({ media, mediaType, source, name }: MediaPart): Block {
  const type = mediaType ?? usualType[media]
  if (media !== 'image' && media !== 'document') throw untranslatable(media)
  const title = name && media === 'document' ? { title: name } : {}
  switch (source.type) {
    case 'url':
      return { type: media, source: { type: 'url', url: source.url }, ...title }
    case 'file':
      return { type: media, source: { type: 'file', file_id: source.id }, ...title }
    case 'base64': {
      if (type === 'text/plain') {
        const data = Buffer.from(source.data, 'base64').toString('utf8')
        return { type: media, source: { type: 'text', media_type: type, data }, ...title }
      }
      return { type: media, source: { type: 'base64', media_type: type, data: source.data }, ...title }
    }
  }
}

const untranslatable = (what: string): CausewayError =>
  new CausewayError('invalid-request', 'The provider of this model cannot take a part of a message.', {
    problems: [{ pointer: '/messages', message: `this provider takes no ${what}` }],
  })
