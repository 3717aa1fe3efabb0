import * as z from 'zod'

// The parts of the Responses API that are read of answers. What is not here is carried along unread or left out.
// Sources: https://platform.openai.com/docs/api-reference/responses and https://www.openresponses.org/specification
// A field that departs from its type is taken for absent: a new word of one of many servers must break no answer.

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined)
const text = optional(z.string())
const count = optional(z.number())
const list = <Schema extends z.ZodType>(schema: Schema) => optional(z.array(schema))

/** `usage` of an answer; the cached tokens are part of `input_tokens`, the reasoning tokens of `output_tokens`. */
export const WireUsage = z.object({
  input_tokens: count,
  output_tokens: count,
  input_tokens_details: optional(z.object({ cached_tokens: count, cache_write_tokens: count })),
  output_tokens_details: optional(z.object({ reasoning_tokens: count })),
  /** In USD; OpenRouter. */
  cost: count,
  /** In ten-thousand-millionths of a USD; xAI. */
  cost_in_usd_ticks: count,
})
export type WireUsage = z.infer<typeof WireUsage>

export const WireAnnotation = z.looseObject({ type: z.string(), url: text, title: text, filename: text })
export type WireAnnotation = z.infer<typeof WireAnnotation>

/** A part of the content of a message, of thoughts, or of a summary of thoughts. */
export const WirePart = z.looseObject({
  type: z.string(),
  text,
  refusal: text,
  annotations: list(WireAnnotation),
})
export type WirePart = z.infer<typeof WirePart>

/** Something that the model or a tool of the provider has put out. */
export const WireItem = z.looseObject({
  type: z.string(),
  id: text,
  status: text,
  /** Of a message, and the full text of thoughts. */
  content: list(WirePart),
  summary: list(WirePart),
  encrypted_content: text,
  call_id: text,
  name: text,
  arguments: optional(z.union([z.string(), z.looseObject({})])),
  input: text,
  result: optional(z.unknown()),
  output_format: text,
})
export type WireItem = z.infer<typeof WireItem>

export const WireError = z.looseObject({ code: optional(z.union([z.string(), z.number()])), message: text })

export const WireResponse = z.object({
  id: text,
  model: text,
  status: text,
  error: optional(WireError),
  incomplete_details: optional(z.object({ reason: text })),
  output: list(WireItem),
  usage: optional(WireUsage),
  service_tier: text,
})
export type WireResponse = z.infer<typeof WireResponse>

/** One event of a streamed answer. */
export const WireEvent = z.looseObject({
  type: z.string(),
  response: optional(WireResponse),
  item: optional(WireItem),
  output_index: optional(z.number().int().min(0).max(100_000)),
  content_index: count,
  summary_index: count,
  delta: text,
  part: optional(WirePart),
  annotation: optional(WireAnnotation),
})
export type WireEvent = z.infer<typeof WireEvent>
