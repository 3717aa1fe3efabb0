import * as z from 'zod'

// The parts of the Chat Completions API that are read here. Everything else is carried along unread or left out.
// Source: https://platform.openai.com/docs/api-reference/chat

/** `usage` of an answer; the cached tokens are part of `prompt_tokens`, the reasoning tokens of `completion_tokens`. */
export const WireUsage = z.object({
  prompt_tokens: z.number().nullish(),
  completion_tokens: z.number().nullish(),
  prompt_tokens_details: z
    .object({ cached_tokens: z.number().nullish(), cache_write_tokens: z.number().nullish() })
    .nullish(),
  completion_tokens_details: z.object({ reasoning_tokens: z.number().nullish() }).nullish(),
})
export type WireUsage = z.infer<typeof WireUsage>

/** Mistral's reasoning models send a list of parts. */
const Content = z.union([z.string(), z.array(z.looseObject({ type: z.string(), text: z.string().optional() }))])

/** The text for the user; parts that are thoughts are not. */
export const textOf = (content: z.infer<typeof Content> | null | undefined): string => {
  if (!Array.isArray(content)) return content ?? ''
  return content.map(part => (part.type === 'text' ? part.text : '')).join('')
}

const ToolCallDelta = z.object({
  index: z.number().int().nullish(),
  id: z.string().nullish(),
  function: z.object({ name: z.string().nullish(), arguments: z.string().nullish() }).nullish(),
})

/** One event of a streamed answer. */
export const WireChunk = z.object({
  choices: z
    .array(
      z.object({
        index: z.number().nullish(),
        // Loose, because a field that is not known here (a refusal, reasoning) still is part of the answer.
        delta: z.looseObject({ content: Content.nullish(), tool_calls: z.array(ToolCallDelta).nullish() }).nullish(),
        finish_reason: z.string().nullish(),
      }),
    )
    .nullish(),
  usage: WireUsage.nullish(),
  /** Where Groq puts the usage of a stream. */
  x_groq: z.object({ usage: WireUsage.nullish() }).nullish(),
  error: z.unknown().optional(),
})
export type WireChunk = z.infer<typeof WireChunk>
