import * as z from 'zod'
import { Name } from '../names.ts'

const Amount = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER)

/** What may be used in one window. */
const BudgetLimits = z.strictObject({
  requests: Amount.optional(),
  tokens: Amount.optional().describe('input and output together'),
  usd: z.number().gt(0).max(1_000_000).optional(),
  concurrent: z
    .number()
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe('calls under way at the same time, whatever the window'),
})

/** A limit on what model calls may use, in windows of UTC. All budgets that apply to a call have to have room for it. */
export const BudgetSpec = z
  .strictObject({
    window: z.enum(['minute', 'hour', 'day', 'month']),
    limits: BudgetLimits,
    each: z
      .enum(['key', 'user', 'team', 'agent'])
      .optional()
      .describe('count for each of these apart; for all calls together when left out'),
    across: z
      .enum(['environment', 'organisation'])
      .default('environment')
      .describe('whether the calls of the other environments with a budget of this name count too'),
    routes: z.array(Name).max(100).optional().describe('only calls of these routes count; all when left out'),
    teams: z.array(z.string().max(200)).max(100).optional().describe('only calls of these teams count, by their ids'),
    keys: z
      .array(z.string().max(200))
      .max(100)
      .optional()
      .describe('only calls with these API keys count, by their ids'),
    agents: z.array(Name).max(100).optional().describe('only calls of runs of these agents count'),
    warnAt: z.number().gt(0).max(1).optional().describe('the share of a limit from which on answers carry a warning'),
    onLimit: z
      .union([z.literal(['stop', 'warn']), z.strictObject({ downgradeTo: Name })])
      .default('stop')
      .describe(
        'what happens to calls for which there is no room; "warn" lets them through, another route may be cheaper',
      ),
  })
  .refine(({ limits }) => Object.keys(limits).length > 0, {
    path: ['limits'],
    message: 'expected a limit of requests, tokens, usd or concurrent',
  })
export type BudgetSpec = z.infer<typeof BudgetSpec>
