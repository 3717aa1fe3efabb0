import * as z from 'zod'
import { WirePart } from './wire.ts'

// Requests of this dialect after `camelCase`. Source: https://ai.google.dev/api/generate-content#method:-models.generatecontent

/** Google takes one value where a list is due. */
const listOf = <Item extends z.ZodType>(item: Item) => z.union([z.array(item), item.transform(one => [one])])

const record = z.record(z.string(), z.unknown())

const FunctionResponse = z.looseObject({
  id: z.string().nullish(),
  name: z.string(),
  response: record.nullish(),
  parts: z.array(WirePart).nullish(),
})
export type FunctionResponse = z.infer<typeof FunctionResponse>

const RequestPart = WirePart.extend({ functionResponse: FunctionResponse.nullish() })
export type RequestPart = z.infer<typeof RequestPart>

const RequestContent = z.looseObject({
  role: z.enum(['user', 'model', 'function']).nullish(),
  parts: listOf(RequestPart).nullish(),
})
export type RequestContent = z.infer<typeof RequestContent>

const FunctionDeclaration = z.looseObject({
  name: z.string(),
  description: z.string().nullish(),
  parameters: record.nullish(),
  parametersJsonSchema: record.nullish(),
})
export type FunctionDeclaration = z.infer<typeof FunctionDeclaration>

const Tool = z.looseObject({ functionDeclarations: listOf(FunctionDeclaration).nullish() })

const FunctionCallingConfig = z.looseObject({
  mode: z.string().nullish(),
  allowedFunctionNames: z.array(z.string()).nullish(),
})

const number = z.number().nullish()
const count = z.number().int().min(1).nullish()

const ThinkingConfig = z.looseObject({
  includeThoughts: z.boolean().nullish(),
  thinkingBudget: number,
  thinkingLevel: z.string().nullish(),
})
export type ThinkingConfig = z.infer<typeof ThinkingConfig>

/** The settings that every dialect has in some form. */
export const knownSettings = {
  temperature: number,
  topP: number,
  topK: number,
  maxOutputTokens: count,
  stopSequences: listOf(z.string()).nullish(),
  seed: number,
  presencePenalty: number,
  frequencyPenalty: number,
  responseMimeType: z.string().nullish(),
  responseSchema: record.nullish(),
  responseJsonSchema: record.nullish(),
  thinkingConfig: ThinkingConfig.nullish(),
}
const GenerationConfig = z.looseObject(knownSettings)
export type GenerationConfig = z.infer<typeof GenerationConfig>

export const knownFields = {
  contents: listOf(RequestContent),
  systemInstruction: z.union([z.string().transform(text => ({ parts: [{ text }] })), RequestContent]).nullish(),
  tools: listOf(Tool).nullish(),
  toolConfig: z.looseObject({ functionCallingConfig: FunctionCallingConfig.nullish() }).nullish(),
  generationConfig: GenerationConfig.nullish(),
  serviceTier: z.string().nullish(),
}
export const GeminiRequest = z.looseObject(knownFields)
export type GeminiRequest = z.infer<typeof GeminiRequest>
