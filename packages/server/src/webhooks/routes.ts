import {
  Webhook,
  WebhookDelivery,
  WebhookDeliveryPage,
  WebhookDeliveryQuery,
  WebhookList,
  WebhookTest,
} from '@causeway/contracts'
import * as z from 'zod'
import type { Database } from '../database/index.ts'
import { decodeCursor, encodeCursor, pageFrom, type App } from '../http/index.ts'
import type { Webhooks } from './create-webhooks.ts'
import { listDeliveries } from './store.ts'

const tags = ['webhooks']
const byName = z.object({ name: z.string().max(63) })
const byId = z.object({ id: z.string().max(100) })

/** Webhooks: list, try, enable; their messages: list, send again. */
export function webhookRoutes(app: App, { database, webhooks }: { database: Database; webhooks: Webhooks }): void {
  app.get(
    '/v1/webhooks',
    {
      config: { right: 'manifests:read' },
      schema: { tags, summary: 'List the webhooks in force, with how they go', response: { 200: WebhookList } },
    },
    async ({ caller }) => ({ data: await webhooks.list(caller) }),
  )

  app.post(
    '/v1/webhooks/:name/test',
    {
      config: { right: 'manifests:write' },
      schema: { tags, summary: 'Send a message that tells of nothing', params: byName, response: { 200: WebhookTest } },
    },
    async ({ caller, params: { name } }) => webhooks.test(caller, name),
  )

  app.post(
    '/v1/webhooks/:name/enable',
    {
      config: { right: 'manifests:write' },
      schema: { tags, summary: 'Send again to one that was disabled', params: byName, response: { 200: Webhook } },
    },
    async ({ caller, params: { name } }) => webhooks.enable(caller, name),
  )

  app.get(
    '/v1/webhook-deliveries',
    {
      config: { right: 'manifests:read' },
      schema: {
        tags,
        summary: 'List messages to webhooks, newest first',
        querystring: WebhookDeliveryQuery,
        response: { 200: WebhookDeliveryPage },
      },
    },
    async ({ caller, query: { cursor, limit, ...filters } }) => {
      const before = cursor ? decodeCursor(cursor) : undefined
      const rows = await listDeliveries(database.kysely, caller, filters, { before, limit: limit + 1 })
      return pageFrom(rows, limit, encodeCursor)
    },
  )

  app.post(
    '/v1/webhook-deliveries/:id/replay',
    {
      config: { right: 'manifests:write' },
      schema: { tags, summary: 'Send a message again', params: byId, response: { 200: WebhookDelivery } },
    },
    async ({ caller, params: { id } }) => webhooks.replay(caller, id),
  )
}
