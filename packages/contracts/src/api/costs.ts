import * as z from 'zod'
import { Instant } from '../names.ts'

/** Calls whose cost is reckoned anew in one request, at most. */
export const repricedAtMost = 50_000

/** Which model calls are to be priced anew, by the prices and contracts that are in force now. */
export const RepriceCosts = z.strictObject({
  since: Instant,
  until: Instant.optional().describe('now when left out'),
  provider: z.string().max(63).optional(),
  model: z.string().max(300).optional(),
  apply: z.boolean().default(false).describe('whether the new costs are kept; when left out they are only shown'),
})
export type RepriceCosts = z.input<typeof RepriceCosts>

/** What the calls of one model cost, before and after. */
export const RepricedModel = z.object({
  provider: z.string(),
  model: z.string(),
  calls: z.number().int(),
  changed: z.number().int().describe('calls whose cost, its status or the version of the prices differs'),
  beforeNanoUsd: z.number().int(),
  afterNanoUsd: z.number().int(),
  unpriced: z.number().int().describe('calls without a known price, as before or now'),
  priceVersion: z
    .string()
    .nullable()
    .describe('null when the provider is not in force any more; its calls stay as they are'),
})
export type RepricedModel = z.infer<typeof RepricedModel>

/** What pricing anew changes, or has changed. */
export const RepricedCosts = z.object({
  applied: z.boolean(),
  calls: z.number().int(),
  changed: z.number().int(),
  beforeNanoUsd: z.number().int(),
  afterNanoUsd: z.number().int(),
  models: z.array(RepricedModel).describe('those with the largest difference first'),
})
export type RepricedCosts = z.infer<typeof RepricedCosts>
