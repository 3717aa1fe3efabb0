import type { ModelMessage, ModelRequest, ModelTool, OutputFormat } from '../../model-request.ts'
import { textOf } from '../../content.ts'
import type { Quirks, WriteRequestOptions, WrittenRequest } from '../dialect.ts'
import { extraFieldsFor } from '../extra-fields.ts'
import { isRecord } from '../head-members.ts'
import { schemaInWords } from '../schema-in-words.ts'
import { writeItems } from './write-items.ts'

/** The body of POST /responses. Nothing is kept at the provider: what a client wants kept is kept by the gateway. */
export function writeResponsesRequest(
  request: ModelRequest,
  { model, stream, quirks = {} }: WriteRequestOptions,
): WrittenRequest {
  const extra = extraFieldsFor(request, 'openai-responses')
  const { text, reasoning, tool_choice: forced, include, ...fields } = extra.fields
  const body = {
    model,
    ...writeConversation(schemaInWords(request, quirks), quirks),
    ...(stream && { stream: true }),
    store: false,
    ...writeInclude(include, keepsThoughts(model) || request.reasoning !== undefined),
    ...writeTools(request, extra.tools, forced),
    ...writeSettings(request),
    ...writeText(request.output, text, quirks),
    ...writeReasoning(request, reasoning),
    ...fields,
  }
  const refused = (quirks.refusedFields ?? []).filter(field => field in body)
  const kept = Object.fromEntries(Object.entries(body).filter(([field]) => !refused.includes(field)))
  return { body: kept, dropped: [...extra.dropped, ...unknownSettings(request), ...refused] }
}

// Models without thoughts refuse to be asked for them.
const keepsThoughts = (model: string): boolean => /(^|[/.])(o\d|gpt-[5-9](?!.*chat))/.test(model)

/** Thoughts have to come back to the provider, which does not keep them. */
function writeInclude(include: unknown, thoughts: boolean): { include?: unknown[] } {
  const name = 'reasoning.encrypted_content'
  const wanted = Array.isArray(include) ? (include as unknown[]) : []
  const all = !thoughts || wanted.includes(name) ? wanted : [...wanted, name]
  return all.length > 0 ? { include: all } : {}
}

function writeConversation({ messages, tools }: ModelRequest, { reasoningField }: Quirks): Record<string, unknown> {
  const [first, ...rest] = messages
  const instructions = first?.role === 'system' && rest.length > 0 ? textOf(first.content) : ''
  const items: readonly ModelMessage[] = instructions ? rest : messages
  const freeTextTools = new Set(tools.filter(({ freeText }) => freeText).map(({ name }) => name))
  return {
    ...(instructions && { instructions }),
    input: writeItems(items, { freeTextTools, openThoughts: reasoningField !== undefined }),
  }
}

function writeTools(request: ModelRequest, foreign: readonly unknown[], forced: unknown): Record<string, unknown> {
  const { tools, toolChoice, parallelToolCalls } = request
  const chosen = typeof toolChoice === 'object' ? tools.find(({ name }) => name === toolChoice.tool) : undefined
  const choice =
    typeof toolChoice === 'object'
      ? { type: chosen?.freeText ? 'custom' : 'function', name: toolChoice.tool }
      : toolChoice
  return {
    ...(tools.length + foreign.length > 0 && { tools: [...tools.map(writeTool), ...foreign] }),
    ...((forced ?? choice) !== undefined && { tool_choice: forced ?? choice }),
    ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
  }
}

function writeTool({ name, description, input, strict, freeText }: ModelTool): Record<string, unknown> {
  const about = { name, ...(description && { description }) }
  if (freeText) return { type: 'custom', ...about, ...freeText }
  // This dialect takes a tool that does not say for strict, others do not.
  return { type: 'function', ...about, parameters: input, strict: strict ?? false }
}

const writeSettings = (request: ModelRequest): Record<string, unknown> => ({
  ...(request.temperature !== undefined && { temperature: request.temperature }),
  ...(request.topP !== undefined && { top_p: request.topP }),
  ...(request.maxOutputTokens !== undefined && { max_output_tokens: request.maxOutputTokens }),
  ...(request.serviceTier !== undefined && { service_tier: request.serviceTier }),
  ...(request.user !== undefined && { user: request.user }),
  ...(request.cacheKey !== undefined && { prompt_cache_key: request.cacheKey }),
})

/** Settings that this dialect has no place for. */
function unknownSettings(request: ModelRequest): string[] {
  const settings = {
    top_k: request.topK,
    stop: request.stop,
    seed: request.seed,
    presence_penalty: request.presencePenalty,
    frequency_penalty: request.frequencyPenalty,
  }
  return Object.entries(settings).flatMap(([name, value]) => (value === undefined ? [] : [name]))
}

function writeText(
  output: OutputFormat | undefined,
  text: unknown,
  { jsonSchema = 'json_schema' }: Quirks,
): Record<string, unknown> {
  const format = output && jsonSchema !== 'none' ? writeFormat(output, jsonSchema) : undefined
  const rest = isRecord(text) ? text : {}
  return format || Object.keys(rest).length > 0 ? { text: { ...rest, ...(format && { format }) } } : {}
}

function writeFormat(output: OutputFormat, jsonSchema: 'json_schema' | 'json_object'): Record<string, unknown> {
  if (output.type === 'json' || jsonSchema === 'json_object') return { type: 'json_object' }
  const { name, schema, description, strict } = output
  return {
    type: 'json_schema',
    name,
    ...(description && { description }),
    schema,
    ...(strict !== undefined && { strict }),
  }
}

function writeReasoning({ reasoning: wish }: ModelRequest, reasoning: unknown): Record<string, unknown> {
  const rest = isRecord(reasoning) ? reasoning : {}
  const effort = wish?.effort ?? effortOf(wish?.budgetTokens)
  const written = { ...(effort && { effort }), ...(wish?.show && { summary: 'auto' }), ...rest }
  return Object.keys(written).length > 0 ? { reasoning: written } : {}
}

/** An effort for a number of tokens to think with, where the dialect has only words. */
function effortOf(budgetTokens: number | undefined): string | undefined {
  if (budgetTokens === undefined) return undefined
  if (budgetTokens <= 0) return 'none'
  if (budgetTokens <= 2048) return 'low'
  return budgetTokens <= 12_288 ? 'medium' : 'high'
}
