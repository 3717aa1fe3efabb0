import * as z from 'zod'

// What is read of the answers of Bedrock's Converse API.
// Source: https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html
// A field that departs from its type is taken for absent: a new word of a provider must break no answer.

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined)
const count = optional(z.number())

/** `usage`. The tokens that were read from or written to a cache are not part of `inputTokens`. */
export const WireUsage = z.object({
  inputTokens: count,
  outputTokens: count,
  cacheReadInputTokens: count,
  cacheWriteInputTokens: count,
})
export type WireUsage = z.infer<typeof WireUsage>

const Citation = z.looseObject({
  title: optional(z.string()),
  source: optional(z.string()),
  sourceContent: optional(z.array(z.looseObject({ text: optional(z.string()) }))),
  location: optional(z.looseObject({ web: optional(z.looseObject({ url: optional(z.string()) })) })),
})
export type WireCitation = z.infer<typeof Citation>

const Media = z.looseObject({
  format: optional(z.string()),
  name: optional(z.string()),
  source: optional(
    z.looseObject({
      bytes: optional(z.string()),
      s3Location: optional(z.looseObject({ uri: optional(z.string()) })),
    }),
  ),
})
export type WireMedia = z.infer<typeof Media>

/** A block of a message. Loose: one that is not known here is handed on as it is. */
export const WireBlock = z.looseObject({
  text: optional(z.string()),
  toolUse: optional(
    z.looseObject({
      toolUseId: z.string(),
      name: z.string(),
      input: z.unknown(),
      /** `server_tool_use` for a tool that Bedrock itself has run. */
      type: optional(z.string()),
    }),
  ),
  reasoningContent: optional(
    z.looseObject({
      reasoningText: optional(z.looseObject({ text: optional(z.string()), signature: optional(z.string()) })),
      redactedContent: optional(z.string()),
    }),
  ),
  citationsContent: optional(
    z.looseObject({
      content: optional(z.array(z.looseObject({ text: optional(z.string()) }))),
      citations: optional(z.array(Citation)),
    }),
  ),
  image: optional(Media),
  audio: optional(Media),
  video: optional(Media),
  document: optional(Media),
})
export type WireBlock = z.infer<typeof WireBlock>

/** Fields of the model's own answer that were asked for; a stop sequence stands where Anthropic's models put it. */
const ModelFields = z.looseObject({
  stop_sequence: optional(z.string()),
  delta: optional(z.looseObject({ stop_sequence: optional(z.string()) })),
})

const end = {
  stopReason: optional(z.string()),
  additionalModelResponseFields: optional(ModelFields),
}
const accounting = {
  usage: optional(WireUsage),
  serviceTier: optional(z.looseObject({ type: optional(z.string()) })),
}

/** A whole answer. */
export const WireAnswer = z.object({
  output: optional(z.object({ message: optional(z.object({ content: optional(z.array(WireBlock)) })) })),
  ...end,
  ...accounting,
})
export type WireAnswer = z.infer<typeof WireAnswer>

const index = { contentBlockIndex: optional(z.number()) }

/** The payloads of all events of a stream; the name of the event stands in a header. */
export const WireEvent = z.object({
  ...index,
  ...end,
  ...accounting,
  start: optional(
    z.looseObject({
      toolUse: optional(z.looseObject({ toolUseId: z.string(), name: z.string(), type: optional(z.string()) })),
      toolResult: optional(z.looseObject({})),
      image: optional(z.looseObject({ format: optional(z.string()) })),
    }),
  ),
  delta: optional(
    z.looseObject({
      text: optional(z.string()),
      toolUse: optional(z.looseObject({ input: optional(z.union([z.string(), z.looseObject({})])) })),
      toolResult: optional(z.array(z.unknown())),
      reasoningContent: optional(
        z.looseObject({
          text: optional(z.string()),
          signature: optional(z.string()),
          redactedContent: optional(z.string()),
        }),
      ),
      citation: optional(Citation),
      image: optional(Media),
    }),
  ),
  message: optional(z.string()),
})
export type WireEvent = z.infer<typeof WireEvent>
