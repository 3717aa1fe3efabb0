import * as z from 'zod'
import { Instant } from '../names.ts'
import { OutgoingEventType } from '../manifests/webhook.ts'
import { pageOf, PageQuery } from '../paging.ts'
import { BurnSeverity } from './service-level-objectives.ts'

/** A webhook in force, and how it goes. */
export const Webhook = z.object({
  name: z.string(),
  url: z.string(),
  events: z.array(OutgoingEventType),
  pending: z.number().int().describe('messages that are still to be sent'),
  disabledAt: Instant.nullable().describe('since when nothing is sent to it'),
  disabledReason: z.string().nullable(),
})
export type Webhook = z.infer<typeof Webhook>

/** The webhooks of an environment. */
export const WebhookList = z.object({ data: z.array(Webhook) })
export type WebhookList = z.infer<typeof WebhookList>

/** Whether a message has arrived. */
export const WebhookDeliveryState = z.enum(['pending', 'delivered', 'failed'])
export type WebhookDeliveryState = z.infer<typeof WebhookDeliveryState>

/** One message to one webhook. */
export const WebhookDelivery = z.object({
  id: z.string().describe('the header webhook-id of the message, the same at each attempt'),
  webhook: z.string().describe('its name; "a2a:" and an id for a client of A2A that is told how its task stands'),
  type: OutgoingEventType,
  runId: z.string().describe('empty where it tells of no run'),
  sessionId: z.string().describe('empty where it tells of no session'),
  sequence: z.number().int().describe('place of the event in the log of the session; 0 where there is none'),
  state: WebhookDeliveryState,
  attempts: z.number().int(),
  nextAt: Instant.nullable().describe('when it is tried again'),
  lastStatus: z.number().int().nullable().describe('HTTP status of the last answer'),
  lastError: z.string().nullable(),
  createdAt: Instant,
})
export type WebhookDelivery = z.infer<typeof WebhookDelivery>

/** What is told when a budget is nearly or wholly used up, once for each window. Windows of a minute are no news. */
export const BudgetAlert = z.object({
  type: z.enum(['budget-warned', 'budget-reached']),
  budget: z.string(),
  window: z.string(),
  windowEnd: Instant,
  each: z.string().nullable().describe('what it counts apart'),
  subject: z
    .string()
    .nullable()
    .describe('the id of the key, user or team, or the name of the agent, where it counts these apart'),
  across: z.string(),
  warnAt: z.number().nullable(),
})
export type BudgetAlert = z.infer<typeof BudgetAlert>

/** What is told when the error budget of an objective begins to burn too fast, and when it no longer does. */
export const ObjectiveAlert = z.object({
  type: z.enum(['objective-burning', 'objective-recovered']),
  objective: z.string(),
  severity: BurnSeverity,
  hours: z.number().int().describe('the window that was looked at'),
  rate: z.number().describe('how fast it burns: 1 uses the error budget up at the end of the window of the objective'),
  threshold: z.number(),
  target: z.number(),
  windowDays: z.number().int(),
  since: Instant,
})
export type ObjectiveAlert = z.infer<typeof ObjectiveAlert>

/** Filters of the list of messages, newest first. */
export const WebhookDeliveryQuery = PageQuery.extend({
  webhook: z.string().max(63).optional(),
  state: WebhookDeliveryState.optional(),
  runId: z.string().max(100).optional(),
})
export type WebhookDeliveryQuery = z.input<typeof WebhookDeliveryQuery>

/** One page of messages. */
export const WebhookDeliveryPage = pageOf(WebhookDelivery)

/** What has become of a message that was sent to try a webhook. */
export const WebhookTest = z.object({
  status: z.number().int().nullable().describe('HTTP status of the answer'),
  error: z.string().nullable(),
})
export type WebhookTest = z.infer<typeof WebhookTest>
