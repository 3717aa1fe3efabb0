import * as z from 'zod'

// What is read of the answers of Cohere's Chat API, version 2. Source: https://docs.cohere.com/reference/chat
// A field that departs from its type is taken for absent: a new word of a provider must break no answer.

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined)
const tokens = optional(z.object({ input_tokens: optional(z.number()), output_tokens: optional(z.number()) }))

/** `billed_units` is what the prices are for; `tokens` counts the instructions that Cohere adds to a prompt as well. */
const Usage = z.object({ billed_units: tokens, tokens, cached_tokens: optional(z.number()) })
export type WireUsage = z.infer<typeof Usage>

const ToolCall = z.object({
  id: optional(z.string()),
  function: optional(z.object({ name: optional(z.string()), arguments: optional(z.string()) })),
})
export type WireToolCall = z.infer<typeof ToolCall>

/** Kept as it is; `citation.ts` reads of it what others can use. */
const Citation = z.looseObject({})
export type WireCitation = z.infer<typeof Citation>

const ContentPart = z.looseObject({
  type: optional(z.string()),
  text: optional(z.string()),
  thinking: optional(z.string()),
})

export type WireContent = Partial<z.infer<typeof ContentPart>>

/** A whole answer. */
export const WireAnswer = z.object({
  id: optional(z.string()),
  finish_reason: optional(z.string()),
  message: optional(
    z.object({
      content: optional(z.array(ContentPart)),
      tool_plan: optional(z.string()),
      tool_calls: optional(z.array(ToolCall)),
      citations: optional(z.array(Citation)),
    }),
  ),
  usage: optional(Usage),
})
export type WireAnswer = z.infer<typeof WireAnswer>

/** One event of a stream. What a whole answer has as a list, a piece of it has as one value. */
export const WireEvent = z.object({
  type: optional(z.string()),
  id: optional(z.string()),
  index: optional(z.number()),
  /** Of an error. */
  message: optional(z.string()),
  delta: optional(
    z.object({
      finish_reason: optional(z.string()),
      usage: optional(Usage),
      error: optional(z.string()),
      message: optional(
        z.object({
          content: optional(ContentPart),
          tool_plan: optional(z.string()),
          tool_calls: optional(ToolCall),
          citations: optional(Citation),
        }),
      ),
    }),
  ),
})
export type WireEvent = z.infer<typeof WireEvent>
