import * as z from 'zod'
import { Name, Instant } from '../names.ts'
import { BudgetSpec } from '../manifests/budget.ts'

/** Whose use is summed. */
export const UsageOf = z.enum(['key', 'user', 'team', 'environment', 'organisation'])
export type UsageOf = z.infer<typeof UsageOf>

/** What use is grouped by. Days are of UTC. */
export const UsageBy = z.enum(['day', 'model', 'route', 'provider', 'agent', 'team', 'user', 'key', 'environment'])
export type UsageBy = z.infer<typeof UsageBy>

/** Longest stretch of time that use is summed over, in days. */
export const usageDaysAtMost = 366

/** What of the use of models is asked for. */
export const UsageQuery = z.object({
  of: UsageOf.optional().describe(
    'the calling key, its user or team, the whole environment, or all environments of the organisation; the environment when left out, or the key where that may see no more',
  ),
  by: UsageBy.optional(),
  since: Instant.optional().describe('30 days before `until` when left out'),
  until: Instant.optional().describe('now when left out'),
})
export type UsageQuery = z.input<typeof UsageQuery>

const Used = z.object({
  requests: z.number().int(),
  requestsOfRuns: z.number().int().describe('those of the requests that agents made in runs'),
  failed: z.number().int().describe('requests that ended in an error or were refused'),
  cacheHits: z.number().int().describe('requests that were given an answer again'),
  savedNanoUsd: z.number().int().describe('what those answers had cost'),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  cachedInputTokens: z.number().int().describe('part of the input; known for requests to the gateway'),
  nanoUsd: z.number().int(),
  exact: z.number().int().describe('requests whose cost follows from counted tokens and a known price'),
  estimated: z.number().int().describe('requests whose tokens were estimated'),
  unpriced: z.number().int().describe('requests whose cost is not known and is not in the sum'),
})

/** A budget that calls of the key have to fit into. Null: no limit. */
const BudgetState = z.object({
  name: Name,
  window: BudgetSpec.shape.window,
  each: BudgetSpec.shape.each,
  routes: BudgetSpec.shape.routes,
  used: z
    .object({
      requests: z.number().int(),
      tokens: z.number().int(),
      nanoUsd: z.number().int(),
      concurrent: z.number().int().describe('calls under way; 0 without a limit of them'),
    })
    .describe('with what replicas have set aside to spend'),
  limits: z.object({
    requests: z.number().int().nullable(),
    tokens: z.number().int().nullable(),
    nanoUsd: z.number().int().nullable(),
    concurrent: z.number().int().nullable(),
  }),
  resetsAt: Instant,
})
export type BudgetState = z.infer<typeof BudgetState>

/** What was used of models in a stretch of time, by requests to the gateway and by runs. */
export const Usage = z.object({
  of: UsageOf,
  by: UsageBy.nullable(),
  since: Instant,
  until: Instant,
  total: Used,
  groups: z
    .array(
      Used.extend({
        group: z.string().nullable().describe('day, name or id; null for what has none, such as models of runs'),
        label: z.string().nullable().describe('the name that belongs to an id'),
      }),
    )
    .describe('the dearest first, days in their order'),
  cut: z.boolean().describe('whether there are more groups than are listed'),
  budgets: z.array(BudgetState),
})
export type Usage = z.infer<typeof Usage>
