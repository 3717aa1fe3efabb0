import * as z from 'zod'
import { Instant } from '../names.ts'

/** A trigger that is in force, and what it has done. */
export const Trigger = z.object({
  name: z.string(),
  agent: z.string(),
  type: z.enum(['cron', 'webhook']),
  path: z.string().nullable().describe('where a webhook is sent; null for others'),
  nextAt: Instant.nullable().describe('when it fires next; null for webhooks'),
  lastAt: Instant.nullable(),
  lastRunId: z.string().nullable(),
  lastError: z.string().nullable().describe('why it did not start a run the last time'),
})
export type Trigger = z.infer<typeof Trigger>

/** The triggers of an environment. */
export const TriggerList = z.object({ data: z.array(Trigger) })
export type TriggerList = z.infer<typeof TriggerList>
