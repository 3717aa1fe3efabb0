import * as z from 'zod'
import { Name } from '../names.ts'

const latency = z.number().int().min(1).max(3_600_000)

/**
 * What is promised of a service, and measured: so many in a hundred are good, over so many days. Calls and runs that end for a reason
 * of their caller's (refused by a policy, out of budget, cancelled) count for neither side.
 */
export const ServiceLevelObjectiveSpec = z.discriminatedUnion('of', [
  z.strictObject({
    of: z.literal('model-calls'),
    route: Name.optional().describe('only calls of this route; without it all calls of the model gateway'),
    withinMs: latency.optional().describe('the whole answer must be there by then to be good'),
    firstByteWithinMs: latency.optional().describe('the answer must have begun by then to be good'),
    ...promised(),
  }),
  z.strictObject({
    of: z.literal('runs'),
    agent: Name.optional().describe('only runs that began with this agent; without it all runs'),
    ...promised(),
  }),
])
export type ServiceLevelObjectiveSpec = z.infer<typeof ServiceLevelObjectiveSpec>

function promised() {
  return {
    target: z.number().min(50).max(99.999).describe('of a hundred so many are good'),
    windowDays: z.number().int().min(7).max(90).optional().describe('days over which that is promised; 28 by default'),
  }
}
