import * as z from 'zod'
import { Name, SecretHandle } from '../names.ts'
import { ContractPrices } from './contract-prices.ts'

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

/** One key, or several that are used in turn. A key that the provider refuses is left out until it is tried again. */
const ApiKeys = z.union([SecretHandle, z.array(SecretHandle).min(1).max(16)])
export type ApiKeys = z.infer<typeof ApiKeys>

/** Longest waits for one attempt, in seconds. */
const Timeouts = z.strictObject({
  connect: z.number().min(0.1).max(60).optional(),
  firstToken: z.number().min(0.1).max(600).optional().describe('from the request to the first content of the answer'),
  idle: z.number().min(0.1).max(600).optional().describe('between two pieces of the answer'),
})

const remote = {
  timeouts: Timeouts.optional(),
  prices: ContractPrices.optional(),
  region: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('where the provider processes data, for policies: "eu", "us-east-1" …'),
  dataClasses: z
    .array(Name)
    .max(50)
    .optional()
    .describe('the classes of data that may be sent to it; data of no class always may'),
}

/** Where models are called, and how. */
export const ProviderSpec = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('openai-compatible'),
    baseUrl,
    apiKey: ApiKeys.optional(),
    preset: z
      .string()
      .max(40)
      .optional()
      .describe('the server whose departures from OpenAI apply; found by the host of baseUrl where it is left out'),
    optional: z.boolean().default(false).describe('skip this provider in routes while nothing answers at baseUrl'),
    ...remote,
  }),
  z.strictObject({
    type: z.literal('azure-openai'),
    baseUrl: baseUrl.describe('https://<resource>.openai.azure.com'),
    apiKey: ApiKeys,
    apiVersion: z.string().max(40).optional().describe('for deployments of the older, dated API'),
    ...remote,
  }),
  z.strictObject({
    type: z.literal('anthropic'),
    baseUrl: baseUrl.default('https://api.anthropic.com'),
    apiKey: ApiKeys,
    ...remote,
  }),
  z.strictObject({
    type: z.literal('gemini'),
    baseUrl: baseUrl.default('https://generativelanguage.googleapis.com'),
    apiKey: ApiKeys,
    ...remote,
  }),
  z.strictObject({
    type: z.literal('vertex'),
    project: z.string().min(1).max(100),
    location: z.string().min(1).max(60),
    baseUrl: baseUrl.optional().describe('in place of https://<location>-aiplatform.googleapis.com'),
    credentials: SecretHandle.describe('the JSON key of a service account, or an access token'),
    ...remote,
  }),
  z.strictObject({
    type: z.literal('bedrock'),
    awsRegion: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region, for example eu-central-1'),
    baseUrl: baseUrl.optional().describe('in place of https://bedrock-runtime.<awsRegion>.amazonaws.com'),
    credentials: z.union([
      z.strictObject({
        accessKeyId: SecretHandle,
        secretAccessKey: SecretHandle,
        sessionToken: SecretHandle.optional(),
      }),
      z.strictObject({ apiKey: SecretHandle }).describe('a Bedrock API key'),
    ]),
    ...remote,
  }),
  z.strictObject({
    type: z.literal('cohere'),
    baseUrl: baseUrl.default('https://api.cohere.com'),
    apiKey: ApiKeys,
    ...remote,
  }),
  z
    .strictObject({
      type: z.literal('ai-sdk'),
      package: z
        .string()
        .regex(/^@ai-sdk\/[a-z0-9-]{1,60}$/, 'expected a package of the AI SDK, for example @ai-sdk/groq')
        .describe('which the operator has installed beside Causeway'),
      baseUrl: baseUrl.optional(),
      apiKey: ApiKeys.optional(),
      ...remote,
    })
    .describe("by a package of Vercel's AI SDK, which loses what it has no place for"),
  z.strictObject({ type: z.literal('local') }).describe('the GGUF file named by CAUSEWAY_LOCAL_MODEL, in process'),
  z.strictObject({
    type: z.literal('rehearsal'),
    conversations: z.array(RehearsalConversation).max(200),
    otherwise: z.array(RehearsalTurn).min(1).max(50),
  }),
])
export type ProviderSpec = z.infer<typeof ProviderSpec>
