import { CausewayError } from '@causeway/contracts'
import { stateFor } from '../opaque-state.ts'
import type { InputPart, OutputPart } from '../../content.ts'
import { textOf, toolCallsOf } from '../../content.ts'
import type { ModelMessage, ModelRequest, OutputFormat, ToolChoice } from '../../model-request.ts'
import type { Quirks, WriteRequestOptions, WrittenRequest } from '../dialect.ts'
import { extraFieldsFor } from '../extra-fields.ts'
import { schemaInWords } from '../schema-in-words.ts'
import { writePart } from './content.ts'
import { reasoningDetail } from './reasoning.ts'

/** The body of POST /chat/completions. */
export function writeChatRequest(
  request: ModelRequest,
  { model, stream, quirks = {} }: WriteRequestOptions,
): WrittenRequest {
  const extra = extraFieldsFor(request, 'openai-chat')
  const prefilled = request.messages.at(-1)?.role === 'assistant'
  const body = {
    model,
    messages: writeMessages(schemaInWords(request, quirks).messages, quirks),
    ...(stream && { stream: true, ...(!quirks.noStreamOptions && { stream_options: { include_usage: true } }) }),
    ...writeTools(request, extra.tools),
    ...writeSettings(request, model, quirks),
    ...(request.output && writeFormat(request.output, quirks)),
    ...(prefilled &&
      quirks.prefillField === 'continue_final_message' && {
        continue_final_message: true,
        add_generation_prompt: false,
      }),
    ...extra.fields,
  }
  const refused = (quirks.refusedFields ?? []).filter(field => field in body)
  const kept = Object.fromEntries(Object.entries(body).filter(([field]) => !refused.includes(field)))
  return { body: kept, dropped: [...extra.dropped, ...refused] }
}

function writeTools(request: ModelRequest, foreign: readonly unknown[]): Record<string, unknown> {
  const { tools, toolChoice, parallelToolCalls } = request
  if (tools.length + foreign.length === 0) return {}
  return {
    tools: [
      ...tools.map(({ name, description, input, strict }) => ({
        type: 'function',
        function: {
          name,
          ...(description && { description }),
          parameters: input,
          ...(strict !== undefined && { strict }),
        },
      })),
      ...foreign,
    ],
    ...(toolChoice !== undefined && { tool_choice: writeToolChoice(toolChoice) }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  }
}

const writeToolChoice = (choice: ToolChoice): unknown =>
  typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.tool } }

// OpenAI's reasoning models refuse max_tokens, and most other servers know nothing but max_tokens.
const tokenLimitField = (model: string): string =>
  /^(o\d|gpt-[5-9])/.test(model) ? 'max_completion_tokens' : 'max_tokens'

function writeSettings(request: ModelRequest, model: string, quirks: Quirks): Record<string, unknown> {
  const effort = request.reasoning?.effort ?? effortOf(request.reasoning?.budgetTokens)
  return {
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.topP !== undefined && { top_p: request.topP }),
    ...(request.topK !== undefined && { top_k: request.topK }),
    ...(request.stop && { stop: request.stop }),
    ...(request.maxOutputTokens !== undefined && {
      [quirks.tokenLimitField ?? tokenLimitField(model)]: request.maxOutputTokens,
    }),
    ...(request.seed !== undefined && { seed: request.seed }),
    ...(request.presencePenalty !== undefined && { presence_penalty: request.presencePenalty }),
    ...(request.frequencyPenalty !== undefined && { frequency_penalty: request.frequencyPenalty }),
    ...(effort !== undefined && { reasoning_effort: effort }),
    ...(request.serviceTier !== undefined && { service_tier: request.serviceTier }),
    ...(request.user !== undefined && { user: request.user }),
    ...(request.cacheKey !== undefined && { prompt_cache_key: request.cacheKey }),
  }
}

/** An effort for a number of tokens to think with, where the dialect has only words. */
function effortOf(budgetTokens: number | undefined): string | undefined {
  if (budgetTokens === undefined) return undefined
  if (budgetTokens <= 0) return 'none'
  if (budgetTokens <= 2048) return 'low'
  return budgetTokens <= 12_288 ? 'medium' : 'high'
}

function writeFormat(output: OutputFormat, { jsonSchema = 'json_schema' }: Quirks): Record<string, unknown> {
  if (jsonSchema === 'none') return {}
  if (output.type === 'json' || jsonSchema === 'json_object') return { response_format: { type: 'json_object' } }
  const { name, schema, description, strict } = output
  return {
    response_format: {
      type: 'json_schema',
      json_schema: { name, ...(description && { description }), schema, ...(strict !== undefined && { strict }) },
    },
  }
}

/** Pictures in the results of tools follow in a message of the user, because results are text in this dialect. */
function writeMessages(messages: readonly ModelMessage[], quirks: Quirks): Record<string, unknown>[] {
  const written: Record<string, unknown>[] = []
  let pictures: Record<string, unknown>[] = []
  for (const message of messages) {
    if (message.role !== 'tool' && pictures.length > 0) {
      written.push({ role: 'user', content: pictures })
      pictures = []
    }
    written.push(writeMessage(message, quirks))
    if (message.role === 'tool') pictures.push(...mediaParts(message.content))
  }
  if (pictures.length > 0) written.push({ role: 'user', content: pictures })
  const last = written.at(-1)
  const { prefillField } = quirks
  if (last?.['role'] === 'assistant' && (prefillField === 'prefix' || prefillField === 'partial'))
    last[prefillField] = true
  return written
}

const mediaParts = (parts: readonly InputPart[]): Record<string, unknown>[] =>
  parts.filter(({ type }) => type === 'media').map(mustWrite)

function writeMessage(message: ModelMessage, quirks: Quirks): Record<string, unknown> {
  switch (message.role) {
    case 'system':
      return { role: 'system', content: textOf(message.content) }
    case 'user':
      return { role: 'user', content: writeInput(message.content) }
    case 'assistant':
      return { role: 'assistant', ...writeAssistant(message.content, quirks) }
    case 'tool': {
      const hasMedia = message.content.some(({ type }) => type === 'media')
      const content = textOf(message.content) || (hasMedia ? 'The result follows as a file.' : '')
      return { role: 'tool', tool_call_id: message.callId, content }
    }
  }
}

function writeInput(parts: readonly InputPart[]): unknown {
  if (parts.every(part => part.type === 'text')) return textOf(parts)
  return parts.map(mustWrite)
}

function mustWrite(part: InputPart): Record<string, unknown> {
  const written = writePart(part)
  if (written) return written
  throw new CausewayError('invalid-request', 'The provider of this model cannot take a part of a message.', {
    problems: [
      {
        pointer: '/messages',
        message: `this provider takes no ${part.type === 'media' ? part.media : 'part of another dialect'} of this kind`,
      },
    ],
  })
}

function writeAssistant(parts: readonly OutputPart[], { reasoningField }: Quirks): Record<string, unknown> {
  const calls = toolCallsOf(parts)
  const text = textOf(parts)
  const refusal = parts.map(part => (part.type === 'refusal' ? part.text : '')).join('')
  const thoughts = parts.filter(part => part.type === 'reasoning')
  // Only state that this dialect gave out is of use to its servers.
  const details = thoughts.filter(({ state }) => stateFor(state, 'openai-chat') !== undefined)
  const thought = thoughts.map(part => part.text).join('\n\n')
  return {
    content: text || (calls.length > 0 || refusal ? null : ''),
    ...(refusal && { refusal }),
    ...(reasoningField && thought && { [reasoningField]: thought }),
    ...(details.length > 0 && { reasoning_details: details.map(reasoningDetail) }),
    ...(calls.length > 0 && {
      tool_calls: calls.map(({ callId, tool, arguments: input, state }) => ({
        id: callId,
        type: 'function',
        function: { name: tool, arguments: typeof input === 'string' ? input : JSON.stringify(input) },
        ...(state?.dialect === 'gemini' && { extra_content: { google: { thought_signature: state.value } } }),
      })),
    }),
  }
}
