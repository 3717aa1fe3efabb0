import * as z from 'zod'

// The parts of the Gemini API that are read of answers. What is not here is carried along unread or left out.
// Source: https://ai.google.dev/api/generate-content
// A field that departs from its type is taken for absent: a new word of a provider must break no answer.

const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(undefined)
const text = optional(z.string())
const count = optional(z.number())

/** Tokens. The cached ones are part of the prompt; those of thoughts and of Google's own tools are counted apart. */
export const WireUsage = z.object({
  promptTokenCount: count,
  candidatesTokenCount: count,
  cachedContentTokenCount: count,
  thoughtsTokenCount: count,
  toolUsePromptTokenCount: count,
  totalTokenCount: count,
  serviceTier: text,
  /** Vertex AI's word for the tier. */
  trafficType: text,
})
export type WireUsage = z.infer<typeof WireUsage>

/** A piece of the arguments of a call that is streamed. Source: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/multimodal/function-calling#streaming-fc */
export const PartialArgument = z.looseObject({
  jsonPath: z.string(),
  stringValue: text,
  numberValue: count,
  boolValue: optional(z.boolean()),
})
export type PartialArgument = z.infer<typeof PartialArgument>

export const WireFunctionCall = z.looseObject({
  id: text,
  name: text,
  args: optional(z.record(z.string(), z.unknown())),
  partialArgs: optional(z.array(PartialArgument)),
  willContinue: optional(z.boolean()),
})
export type WireFunctionCall = z.infer<typeof WireFunctionCall>

const Blob = z.looseObject({ mimeType: text, data: z.string(), displayName: text })
const FileData = z.looseObject({ mimeType: text, fileUri: z.string(), displayName: text })
export type WireBlob = z.infer<typeof Blob>
export type WireFileData = z.infer<typeof FileData>

/** Loose: a part of a kind that is not known here is handed on as it is. */
export const WirePart = z.looseObject({
  text,
  thought: optional(z.boolean()),
  thoughtSignature: text,
  inlineData: optional(Blob),
  fileData: optional(FileData),
  functionCall: optional(WireFunctionCall),
})
export type WirePart = z.infer<typeof WirePart>

const GroundingChunk = z.looseObject({
  web: optional(z.looseObject({ uri: text, title: text })),
  retrievedContext: optional(z.looseObject({ uri: text, title: text, text })),
  maps: optional(z.looseObject({ uri: text, title: text })),
})
export type GroundingChunk = z.infer<typeof GroundingChunk>

const GroundingSupport = z.looseObject({
  groundingChunkIndices: optional(z.array(z.number())),
  segment: optional(z.looseObject({ text })),
})

const CitationSource = z.looseObject({ uri: text, title: text })

export const WireCandidate = z.looseObject({
  index: count,
  content: optional(z.looseObject({ parts: optional(z.array(WirePart)) })),
  /** A number where the client asked for numbers in place of words. */
  finishReason: optional(z.union([z.string(), z.number()])),
  finishMessage: text,
  groundingMetadata: optional(
    z.looseObject({
      groundingChunks: optional(z.array(GroundingChunk)),
      groundingSupports: optional(z.array(GroundingSupport)),
    }),
  ),
  citationMetadata: optional(
    z.looseObject({ citations: optional(z.array(CitationSource)), citationSources: optional(z.array(CitationSource)) }),
  ),
})
export type WireCandidate = z.infer<typeof WireCandidate>

/** A whole answer, or one event of a streamed one. */
export const WireAnswer = z.looseObject({
  candidates: optional(z.array(WireCandidate)),
  promptFeedback: optional(
    z.looseObject({ blockReason: optional(z.union([z.string(), z.number()])), blockReasonMessage: text }),
  ),
  usageMetadata: optional(WireUsage),
  modelVersion: text,
  responseId: text,
  error: z.unknown().optional(),
})
export type WireAnswer = z.infer<typeof WireAnswer>
