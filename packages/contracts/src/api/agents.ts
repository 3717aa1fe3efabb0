import * as z from 'zod'
import { RunLimits } from '../limits.ts'
import { pageOf } from '../paging.ts'

/** An agent that can be run in the environment. */
export const Agent = z.object({
  name: z.string(),
  version: z.string(),
  description: z.string().nullable(),
  model: z.string(),
  tools: z.array(z.string()),
  limits: RunLimits,
})
export type Agent = z.infer<typeof Agent>

/** One page of agents. */
export const AgentPage = pageOf(Agent)
