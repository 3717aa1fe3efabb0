import * as z from 'zod'
import { ModelCallOutcome } from '../statuses.ts'
import { ErrorCode } from '../errors.ts'
import { Cost, TokenUsage } from '../events.ts'
import { GuardrailFinding } from '../manifests/guardrail.ts'
import { Instant } from '../names.ts'
import { pageOf, PageQuery } from '../paging.ts'

/** Whether a call was given an answer that was kept. */
export const ModelCallCache = z.enum(['hit', 'miss'])

/** Whether an answer fits the JSON schema that was asked for; `unchecked` where that could not be told. */
export const StructuredOutputResult = z.enum(['valid', 'repaired', 'invalid', 'unchecked'])
export type StructuredOutputResult = z.infer<typeof StructuredOutputResult>

/** One attempt of a call at one target. */
export const ModelCallAttempt = z.object({
  provider: z.string(),
  model: z.string(),
  key: z.number().int().describe("which of the provider's keys was used, from 0"),
  failureClass: z.string().nullable().describe('what kind of failure it was; null when the answer began'),
  status: z.number().int().nullable().describe('HTTP status of the provider, where it failed with one'),
  durationMs: z.number().describe('until the answer began or the attempt failed'),
  waitedMs: z.number().describe('waited after it, before the next attempt'),
})
export type ModelCallAttempt = z.infer<typeof ModelCallAttempt>

/** One request that came to the model gateway, with what became of it. It carries nothing of what was said. */
export const ModelCall = z.object({
  id: z.string().describe('the x-request-id of the answer'),
  environment: z.string(),
  apiKeyId: z.string(),
  userId: z.string().nullable(),
  teamId: z.string().nullable(),
  actor: z.string(),
  agent: z.string().nullable().describe('the agent whose loop made it; null for calls outside of sessions'),
  sessionId: z.string().nullable().describe('the session in whose log it stands'),
  dialect: z.string().describe('wire format that the client spoke'),
  streamed: z.boolean(),
  shadowOf: z.string().nullable().describe('the call that it is a shadow of; null for what a client asked'),
  route: z.string().describe('the model or route that was asked for'),
  downgradedTo: z.string().nullable().describe('the route that a used-up budget sent the call to'),
  routing: z
    .object({ strategy: z.string(), reason: z.string(), leftOut: z.array(z.string()) })
    .nullable()
    .describe('how the route chose its target; null when the call ended before that'),
  provider: z.string().nullable().describe('the target that answered, or that failed last'),
  model: z.string().nullable(),
  rehearsal: z.boolean(),
  outcome: ModelCallOutcome,
  errorCode: ErrorCode.nullable(),
  errorMessage: z.string().nullable().describe('why a policy, a budget or the route refused the call'),
  finishReason: z.string().nullable(),
  budgetWarnings: z.array(z.string()).describe('budgets that were nearly used up'),
  cache: ModelCallCache.nullable().describe('null where the route keeps no answers'),
  savedNanoUsd: z.number().int().describe('what the answer that was given again had cost'),
  structuredOutput: z
    .object({
      result: StructuredOutputResult,
      repairs: z.number().int().describe('how often the model was asked again'),
    })
    .nullable()
    .describe('null where the route does not have answers checked, or no schema was asked for'),
  dataClasses: z.array(z.string()).describe('the classes of data that the call was of'),
  guardrails: z.array(GuardrailFinding),
  attempts: z.array(ModelCallAttempt),
  usage: TokenUsage,
  usageEstimated: z.boolean().describe('whether the provider did not count the tokens'),
  cost: Cost,
  priceVersion: z.string().describe('of the price list and the contract; "reported" where the provider told the price'),
  serviceTier: z.string().nullable().describe('the tier that the provider served it in, where it said so'),
  startedAt: Instant,
  firstByteMs: z.number().nullable().describe('from the start to the first byte of content'),
  durationMs: z.number(),
})
export type ModelCall = z.infer<typeof ModelCall>

/** What somebody thought of the answer of a call: 0 is useless, 1 is right. */
export const GiveFeedback = z.strictObject({
  score: z.number().min(0).max(1),
  comment: z.string().max(2000).optional(),
})
export type GiveFeedback = z.infer<typeof GiveFeedback>

/** Feedback of one key on one call; a later one of the same key replaces it. */
export const Feedback = z.object({
  score: z.number(),
  comment: z.string().nullable(),
  actor: z.string(),
  givenAt: Instant,
})
export type Feedback = z.infer<typeof Feedback>

/** What a million tokens cost, in USD. Prices that depend on the length of the prompt are told as they begin. */
export const PriceRates = z.object({
  source: z.enum(['contract', 'list', 'list with factor']),
  input: z.number(),
  output: z.number(),
  cachedInput: z.number(),
  cacheWrite: z.number(),
})
export type PriceRates = z.infer<typeof PriceRates>

/** One model call with the rates behind its cost and what was thought of its answer. */
export const ModelCallDetail = ModelCall.extend({
  feedback: z.array(Feedback).describe('the latest twenty'),
  rates: PriceRates.nullable().describe('null when there is no price, or when prices have changed since the call'),
})
export type ModelCallDetail = z.infer<typeof ModelCallDetail>

/** Filters of the list of model calls, newest first. */
export const ModelCallQuery = PageQuery.extend({
  outcome: ModelCallOutcome.optional(),
  errorCode: ErrorCode.optional(),
  route: z.string().max(300).optional(),
  provider: z.string().max(63).optional(),
  model: z.string().max(300).optional(),
  apiKeyId: z.string().max(100).optional(),
  userId: z.string().max(100).optional(),
  teamId: z.string().max(100).optional(),
  agent: z.string().max(63).optional(),
  sessionId: z.string().max(100).optional(),
  costStatus: Cost.shape.status.optional(),
  minNanoUsd: z.coerce.number<number>().int().min(0).max(Number.MAX_SAFE_INTEGER).optional(),
  cache: ModelCallCache.optional(),
  rehearsal: z.enum(['true', 'false']).optional(),
  shadow: z.enum(['true', 'false']).optional(),
  startedAfter: Instant.optional(),
  startedBefore: Instant.optional(),
})
export type ModelCallQuery = z.input<typeof ModelCallQuery>
export const ModelCallPage = pageOf(ModelCall)
