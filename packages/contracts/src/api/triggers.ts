import * as z from 'zod'
import { Instant } from '../names.ts'

/** A trigger that is in force, and what it has done. */
export const Trigger = z.object({
  name: z.string(),
  agent: z.string(),
  type: z.enum(['cron', 'once', 'webhook', 'message', 'nats']),
  path: z.string().nullable().describe('where a webhook is sent; null for others'),
  nextAt: Instant.nullable().describe('when it fires next; null for what does not wait for a time'),
  lastAt: Instant.nullable(),
  lastRunId: z.string().nullable(),
  lastError: z.string().nullable().describe('why it did not start a run the last time'),
})
export type Trigger = z.infer<typeof Trigger>

/** A message for a trigger. */
export const TriggerMessage = z.strictObject({
  id: z.string().min(1).max(200).optional().describe('the same id starts one run'),
  body: z.string().max(200_000).describe('what the agent is told after the input of the trigger, as data'),
})
export type TriggerMessage = z.infer<typeof TriggerMessage>

/** The triggers of an environment. */
export const TriggerList = z.object({ data: z.array(Trigger) })
export type TriggerList = z.infer<typeof TriggerList>
