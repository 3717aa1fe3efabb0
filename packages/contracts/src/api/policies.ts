import * as z from 'zod'
import { Instant } from '../names.ts'

/** Since when decisions are looked at. */
export const PolicyImpactQuery = z.object({
  since: Instant.optional().describe('the last seven days where nothing is said'),
})
export type PolicyImpactQuery = z.input<typeof PolicyImpactQuery>

/** Calls of a tool of which something else would come with the policies in shadow. */
export const PolicyImpact = z.object({
  since: Instant,
  decisions: z.number().int().describe('all decisions on calls of tools since then'),
  data: z.array(
    z.object({
      tool: z.string(),
      agent: z.string(),
      answer: z.enum(['allow', 'ask', 'deny']),
      would: z.enum(['allow', 'ask', 'deny']),
      reasons: z.array(z.string()).describe('ids of the policies and rules'),
      calls: z.number().int(),
    }),
  ),
})
export type PolicyImpact = z.infer<typeof PolicyImpact>
