import type { ModelRequest, OutputFormat, ReasoningWish } from '../../model-request.ts'
import type { WriteRequestOptions, WrittenRequest } from '../dialect.ts'
import { extraFieldsFor } from '../extra-fields.ts'
import { writeMessages } from './write-messages.ts'

/** The body of POST /v2/chat. Source: https://docs.cohere.com/reference/chat */
export function writeCohereRequest(request: ModelRequest, { model, stream }: WriteRequestOptions): WrittenRequest {
  const extra = extraFieldsFor(request, 'cohere-chat')
  const thinks = request.reasoning !== undefined && canThink(model)
  return {
    body: {
      model,
      messages: writeMessages(request.messages),
      stream,
      ...writeTools(request),
      ...writeSettings(request),
      ...(request.output && { response_format: writeFormat(request.output) }),
      ...(request.reasoning && thinks && { thinking: writeThinking(request.reasoning) }),
      ...extra.fields,
    },
    dropped: [...extra.dropped, ...(request.reasoning && !thinks ? ['reasoning'] : []), ...withoutPlace(request)],
  }
}

/** A tool that must be called is the only one that is offered: there is no other word for it. */
function writeTools({ tools, toolChoice }: ModelRequest): Record<string, unknown> {
  const wanted = typeof toolChoice === 'object' ? toolChoice.tool : undefined
  const offered = tools.filter(({ name }) => wanted === undefined || name === wanted)
  if (offered.length === 0) return {}
  return {
    tools: offered.map(({ name, description, input }) => ({
      type: 'function',
      function: { name, ...(description && { description }), parameters: input },
    })),
    ...(offered.some(({ strict }) => strict) && { strict_tools: true }),
    ...(toolChoice === 'none' && { tool_choice: 'NONE' }),
    ...((toolChoice === 'required' || wanted !== undefined) && { tool_choice: 'REQUIRED' }),
  }
}

const within = (least: number, most: number, value: number): number => Math.min(most, Math.max(least, value))

/** Cohere's scales are narrower than those of others. */
function writeSettings(request: ModelRequest): Record<string, unknown> {
  const { temperature, topP, topK, stop, maxOutputTokens, seed, presencePenalty, frequencyPenalty } = request
  return {
    ...(maxOutputTokens !== undefined && { max_tokens: maxOutputTokens }),
    ...(temperature !== undefined && { temperature: within(0, 1, temperature) }),
    ...(topP !== undefined && { p: within(0.01, 0.99, topP) }),
    ...(topK !== undefined && { k: within(0, 500, topK) }),
    ...(stop && { stop_sequences: stop }),
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== undefined && { presence_penalty: within(0, 1, presencePenalty) }),
    ...(frequencyPenalty !== undefined && { frequency_penalty: within(0, 1, frequencyPenalty) }),
  }
}

const writeFormat = (output: OutputFormat): Record<string, unknown> => ({
  type: 'json_object',
  ...(output.type === 'json-schema' && { json_schema: output.schema }),
})

/** The models from before there was `thinking` refuse it. */
const canThink = (model: string): boolean =>
  !/^(command($|-r|-light|-nightly|-a-03|-a-vision|-a-translate)|c4ai)/.test(model)

function writeThinking({ effort, budgetTokens }: ReasoningWish): Record<string, unknown> {
  if (effort === 'none' || budgetTokens === 0) return { type: 'disabled' }
  const budget = budgetTokens ?? budgetOf[effort ?? '']
  return { type: 'enabled', ...(budget !== undefined && { token_budget: budget }) }
}

const budgetOf: Readonly<Record<string, number>> = { minimal: 512, low: 2048, medium: 8192 }

const withoutPlace = ({ parallelToolCalls, serviceTier, user, cacheKey }: ModelRequest): string[] =>
  Object.entries({
    parallel_tool_calls: parallelToolCalls === false ? false : undefined,
    service_tier: serviceTier === 'auto' ? undefined : serviceTier,
    user,
    prompt_cache_key: cacheKey,
  }).flatMap(([field, value]) => (value === undefined ? [] : [field]))
