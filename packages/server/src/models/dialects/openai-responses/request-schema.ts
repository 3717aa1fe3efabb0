import { JsonSchema } from '@causeway/contracts'
import * as z from 'zod'
import { RequestContent } from './content.ts'

// Source: https://platform.openai.com/docs/api-reference/responses/create

const text = z.string().nullish()
const number = z.number().nullish()

const ThoughtPart = z.looseObject({ type: z.string(), text: z.string().default('') })

/** An item of the input. What is checked here is what is read; other items stay as they are. */
const MessageItem = z.looseObject({
  type: z.literal('message').optional(),
  role: z.enum(['system', 'developer', 'user', 'assistant']),
  content: RequestContent.nullish(),
  phase: text,
})
const ReasoningItem = z.looseObject({
  type: z.literal('reasoning'),
  id: text,
  summary: z.array(ThoughtPart).nullish(),
  content: z.array(ThoughtPart).nullish(),
  encrypted_content: text,
})
const FunctionCallItem = z.looseObject({
  type: z.literal('function_call'),
  call_id: z.string(),
  name: z.string(),
  arguments: z.string().nullish(),
})
const CustomCallItem = z.looseObject({
  type: z.literal('custom_tool_call'),
  call_id: z.string(),
  name: z.string(),
  input: z.string().default(''),
})
const ResultItem = z.looseObject({
  type: z.enum(['function_call_output', 'custom_tool_call_output']),
  call_id: z.string(),
  output: RequestContent.nullish(),
})
/** `type` may be left out of a reference to an item that was stored. */
const OtherItem = z.looseObject({ type: text, id: text }).refine(({ type, id }) => type || id, 'expected an item')

const known = {
  message: MessageItem,
  reasoning: ReasoningItem,
  function_call: FunctionCallItem,
  custom_tool_call: CustomCallItem,
  function_call_output: ResultItem,
  custom_tool_call_output: ResultItem,
}
const kindOf = (item: object): keyof typeof known | undefined => {
  const type = 'type' in item ? item.type : undefined
  if (typeof type === 'string') return Object.hasOwn(known, type) ? (type as keyof typeof known) : undefined
  return 'role' in item ? 'message' : undefined
}

export type InputItem =
  | { kind: 'message'; item: z.infer<typeof MessageItem> }
  | { kind: 'reasoning'; item: z.infer<typeof ReasoningItem> }
  | { kind: 'call'; item: z.infer<typeof FunctionCallItem> }
  | { kind: 'custom-call'; item: z.infer<typeof CustomCallItem> }
  | { kind: 'result'; item: z.infer<typeof ResultItem> }
  | { kind: 'other'; item: Record<string, unknown> }

/** Checks an item by its own kind, so that a problem is told at its place and not as "matches no kind". */
const Item = z.looseObject({}).transform((value, context): InputItem => {
  const read = <Schema extends z.ZodType>(schema: Schema): z.infer<Schema> => {
    const parsed = schema.safeParse(value)
    if (parsed.success) return parsed.data
    for (const { path, message } of parsed.error.issues) context.addIssue({ code: 'custom', path, message })
    return z.NEVER
  }
  switch (kindOf(value)) {
    case 'message':
      return { kind: 'message', item: read(MessageItem) }
    case 'reasoning':
      return { kind: 'reasoning', item: read(ReasoningItem) }
    case 'function_call':
      return { kind: 'call', item: read(FunctionCallItem) }
    case 'custom_tool_call':
      return { kind: 'custom-call', item: read(CustomCallItem) }
    case 'function_call_output':
    case 'custom_tool_call_output':
      return { kind: 'result', item: read(ResultItem) }
    case undefined:
      return { kind: 'other', item: read(OtherItem) }
  }
})

const Tool = z.looseObject({
  type: z.string(),
  name: text,
  description: text,
  parameters: JsonSchema.nullish(),
  strict: z.boolean().nullish(),
  format: z.unknown().optional(),
})
export type RequestTool = z.infer<typeof Tool>

const Choice = z.union([
  z.enum(['auto', 'none', 'required']),
  z.looseObject({ type: z.string(), name: text, mode: text, tools: z.array(z.looseObject({ name: text })).nullish() }),
])

const Format = z.looseObject({
  type: z.string(),
  name: text,
  description: text,
  schema: JsonSchema.nullish(),
  strict: z.boolean().nullish(),
})

/** The fields that the canonical request has a place for. */
export const knownFields = {
  model: z.string(),
  input: z.union([z.string(), z.array(Item)]).nullish(),
  instructions: text,
  tools: z.array(Tool).nullish(),
  tool_choice: Choice.nullish(),
  parallel_tool_calls: z.boolean().nullish(),
  temperature: number,
  top_p: number,
  max_output_tokens: z.number().int().min(1).nullish(),
  text: z.looseObject({ format: Format.nullish() }).nullish(),
  reasoning: z.looseObject({ effort: text, summary: text }).nullish(),
  service_tier: text,
  user: text,
  prompt_cache_key: text,
}
export const ResponsesRequest = z.looseObject(knownFields)
export type ResponsesRequest = z.infer<typeof ResponsesRequest>
