import * as z from 'zod'
import { SecretHandle } from '../names.ts'

const baseUrl = z.url({ protocol: /^https?$/ }).max(2000)

/** One scripted answer of a rehearsal: text, tool calls, or both. `{{match.1}}` and `{{result.<tool>.<field>}}` are filled in. */
export const RehearsalTurn = z.strictObject({
  text: z.string().max(100_000).optional(),
  toolCalls: z
    .array(z.strictObject({ tool: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) }))
    .max(32)
    .optional(),
})
export type RehearsalTurn = z.infer<typeof RehearsalTurn>

/** A scripted conversation: taken when `match` (a regular expression, case-insensitive) fits the last user message. */
export const RehearsalConversation = z.strictObject({
  match: z.string().max(500),
  turns: z.array(RehearsalTurn).min(1).max(50),
})
export type RehearsalConversation = z.infer<typeof RehearsalConversation>

/** Where models are called, and how. */
export const ProviderSpec = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('openai-compatible'),
    baseUrl,
    apiKey: SecretHandle.optional(),
    optional: z.boolean().default(false).describe('skip this provider in routes while nothing answers at baseUrl'),
  }),
  z.strictObject({
    type: z.literal('anthropic'),
    baseUrl: baseUrl.default('https://api.anthropic.com'),
    apiKey: SecretHandle,
  }),
  z.strictObject({ type: z.literal('local') }).describe('the GGUF file named by CAUSEWAY_LOCAL_MODEL, in process'),
  z.strictObject({
    type: z.literal('rehearsal'),
    conversations: z.array(RehearsalConversation).max(200),
    otherwise: z.array(RehearsalTurn).min(1).max(50),
  }),
])
export type ProviderSpec = z.infer<typeof ProviderSpec>
