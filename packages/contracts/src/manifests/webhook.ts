import * as z from 'zod'
import { Name, SecretHandle } from '../names.ts'

/** What is told to others: events of runs, budgets, objectives and incidents. */
export const OutgoingEventType = z.enum([
  'run-ended',
  'approval-requested',
  'approval-escalated',
  'approval-delegated',
  'approval-decided',
  'question-asked',
  'tool-denied',
  'budget-warned',
  'budget-reached',
  'objective-burning',
  'objective-recovered',
  'incident-opened',
  'incident-resolved',
])
export type OutgoingEventType = z.infer<typeof OutgoingEventType>

/** Where events are sent: as CloudEvents 1.0, signed by Standard Webhooks. */
export const WebhookSpec = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).max(2000),
  events: z.array(OutgoingEventType).min(1).max(OutgoingEventType.options.length),
  agents: z.array(Name).min(1).max(100).optional().describe('only of these agents; without it of all'),
  secret: SecretHandle.describe('with which each message is signed'),
})
export type WebhookSpec = z.infer<typeof WebhookSpec>
