import * as z from 'zod'
import { Name } from './names.ts'

/** What a run may use up before it is stopped. */
export const RunLimits = z.strictObject({
  steps: z.number().int().min(1).max(1000).default(20).describe('model calls'),
  toolCalls: z.number().int().min(0).max(5000).default(50),
  tokens: z.number().int().min(1).max(100_000_000).default(500_000).describe('input and output tokens together'),
  costUsd: z.number().min(0).max(10_000).default(5),
  seconds: z
    .number()
    .min(1)
    .max(2_592_000)
    .default(600)
    .describe('time in which the run works; waiting for a person does not count'),
})
export type RunLimits = z.infer<typeof RunLimits>

/** What a run is for, told before it reads anything: calls outside of it are denied. It can only narrow what the agent may do. */
export const RunScope = z.strictObject({
  tools: z.array(Name).max(128).optional().describe('the only tools that it may call'),
  calls: z.record(Name, z.number().int().min(0).max(5000)).optional().describe('how often it may call each, at most'),
})
export type RunScope = z.infer<typeof RunScope>

/** The limits that end a run. */
export const LimitName = RunLimits.keyof()
export type LimitName = z.infer<typeof LimitName>

/** What a run has used up. Money is in nano-USD (10⁻⁹ USD), an integer. */
export const Spent = z.object({
  steps: z.number().int(),
  toolCalls: z.number().int(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  nanoUsd: z.number().int(),
  seconds: z.number(),
})
export type Spent = z.infer<typeof Spent>
