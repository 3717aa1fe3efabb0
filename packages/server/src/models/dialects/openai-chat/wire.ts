import * as z from 'zod'

// The parts of the Chat Completions API that are read of answers. What is not here is carried along unread or left out.
// Source: https://platform.openai.com/docs/api-reference/chat
// A field that departs from its type is taken for absent: a new word of one of many servers must break no answer.

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined)
const count = optional(z.number())

/** `usage` of an answer; the cached tokens are part of `prompt_tokens`, the reasoning tokens of `completion_tokens`. */
export const WireUsage = z.object({
  prompt_tokens: count,
  completion_tokens: count,
  prompt_tokens_details: optional(
    z.object({
      cached_tokens: count,
      cache_write_tokens: count,
      audio_tokens: count,
      cache_creation_input_tokens: count,
    }),
  ),
  completion_tokens_details: optional(z.object({ reasoning_tokens: count, audio_tokens: count })),
  /** DeepSeek and Moonshot put the cached tokens here. */
  prompt_cache_hit_tokens: count,
  cached_tokens: count,
  /** In USD; OpenRouter. */
  cost: count,
})
export type WireUsage = z.infer<typeof WireUsage>

const ContentPart = z.looseObject({ type: z.string(), text: optional(z.string()) })
/** Mistral's reasoning models send a list of parts, in which thoughts are lists of parts again. */
const Content = z.union([z.string(), z.array(ContentPart)])
export type WireContent = z.infer<typeof Content>

const ToolCallPiece = z.object({
  index: optional(z.number().int().min(0).max(1000)),
  id: optional(z.string()),
  function: optional(
    z.object({ name: optional(z.string()), arguments: optional(z.union([z.string(), z.looseObject({})])) }),
  ),
  custom: optional(z.object({ name: optional(z.string()), input: optional(z.string()) })),
  /** Gemini's compatible server keeps its signature here. */
  extra_content: optional(
    z.looseObject({ google: optional(z.looseObject({ thought_signature: optional(z.string()) })) }),
  ),
})
export type WireToolCall = z.infer<typeof ToolCallPiece>

const Annotation = z.looseObject({
  type: z.string(),
  url_citation: optional(z.looseObject({ url: optional(z.string()), title: optional(z.string()) })),
})
export type WireAnnotation = z.infer<typeof Annotation>

/** One detail of what a model thought, in the form that OpenRouter gave it. */
export const ReasoningDetail = z.looseObject({
  type: z.string(),
  id: optional(z.string()),
  text: optional(z.string()),
  summary: optional(z.string()),
  signature: optional(z.string()),
  data: optional(z.string()),
  format: optional(z.string()),
})
export type ReasoningDetail = z.infer<typeof ReasoningDetail>

/** A message of an answer, or a piece of one. Loose: a field that is not known here still is part of the answer. */
export const WireMessage = z.looseObject({
  content: optional(Content),
  refusal: optional(z.string()),
  /** Thoughts: DeepSeek, vLLM and many others. */
  reasoning_content: optional(z.string()),
  /** Thoughts: OpenRouter, Groq, Together, Ollama. */
  reasoning: optional(z.string()),
  reasoning_details: optional(z.array(ReasoningDetail)),
  tool_calls: optional(z.array(ToolCallPiece)),
  /** The form before tools. */
  function_call: optional(z.object({ name: optional(z.string()), arguments: optional(z.string()) })),
  annotations: optional(z.array(Annotation)),
  audio: optional(z.looseObject({})),
})
export type WireMessage = z.infer<typeof WireMessage>

const Choice = z.object({
  index: count,
  delta: optional(WireMessage),
  message: optional(WireMessage),
  finish_reason: optional(z.string()),
})

/** A whole answer, or one event of a streamed one. */
export const WireAnswer = z.object({
  id: optional(z.string()),
  model: optional(z.string()),
  choices: optional(z.array(Choice)),
  usage: optional(WireUsage),
  service_tier: optional(z.string()),
  /** Where Groq puts the usage of a stream. */
  x_groq: optional(z.object({ usage: optional(WireUsage) })),
  /** Perplexity's sources. */
  citations: optional(z.array(z.string())),
  error: z.unknown().optional(),
})
export type WireAnswer = z.infer<typeof WireAnswer>
