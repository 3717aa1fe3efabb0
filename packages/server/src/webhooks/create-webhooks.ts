import {
  CausewayError,
  type ManifestOf,
  type SessionEvent,
  type Webhook,
  type WebhookDelivery,
  type WebhookTest,
} from '@causeway/contracts'
import { readEvents } from '../agents/index.ts'
import type { Audit } from '../audit/index.ts'
import type { Database, Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import { repeatedly } from '../jobs/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { retryAt } from './retry-after.ts'
import {
  post,
  sendMessage,
  type Attempted,
  type CloudEvent,
  type OutgoingMessage,
  type SendMessageDependencies,
} from './send-message.ts'
import {
  countPending,
  disabledWebhooks,
  disableWebhook,
  enableWebhook,
  noteAttempt,
  replayDelivery,
  takeDueDeliveries,
  type DueDelivery,
} from './store.ts'

/** What is sent to others when something happens to a run. */
export interface Webhooks {
  list(scope: Scope): Promise<Webhook[]>
  /** Sends a message that tells of nothing. @throws CausewayError not-found */
  test(caller: Caller, name: string): Promise<WebhookTest>
  /** Sends to a webhook again that was disabled. @throws CausewayError not-found, conflict when it is not disabled */
  enable(caller: Caller, name: string): Promise<Webhook>
  /** Has a message sent once more. @throws CausewayError not-found */
  replay(caller: Caller, id: string): Promise<WebhookDelivery>
  /** Sends what is due. @returns how many messages */
  sendDue(): Promise<number>
}

/** Messages that no webhook asks for, but somebody to whom one run matters. They are sent as those to webhooks are. */
export interface OtherMessages {
  /** What is sent now; undefined where nobody wants it any more. */
  messageOf(scope: Scope, to: OtherReceiver): Promise<OutgoingMessage | undefined>
  /** Nothing more is sent there. */
  giveUp(scope: Scope, to: OtherReceiver): Promise<void>
}

/** Somebody to whom a run matters. */
export interface OtherReceiver {
  runId: string
  id: string
}

/** What stands before the id of such a receiver where webhooks have their names, which have no colon. */
const otherReceiver = 'a2a:'

export interface WebhooksOptions extends SendMessageDependencies {
  database: Database
  manifests: Manifests
  audit: Audit
  logger: Logger
  others: OtherMessages
}

const atOnce = 32

export function createWebhooks({ database, manifests, audit, logger, others, ...sending }: WebhooksOptions): Webhooks {
  const { kysely } = database

  const active = async (scope: Scope, name: string): Promise<ManifestOf<'Webhook'> | undefined> =>
    (await manifests.active(scope, 'Webhook', name))?.manifest

  const existing = async (caller: Caller, name: string): Promise<ManifestOf<'Webhook'>> => {
    const webhook = await active(caller, name)
    if (!webhook) throw new CausewayError('not-found', `There is no webhook ${name} in ${caller.environment}.`)
    return webhook
  }

  const list = async (scope: Scope): Promise<Webhook[]> => {
    const [all, pending, disabled] = await Promise.all([
      manifests.allActive(scope, 'Webhook'),
      countPending(kysely, scope),
      disabledWebhooks(kysely, scope),
    ])
    return all.map(({ manifest: { name, spec } }) => {
      const found = disabled.find(each => each.name === name)
      return {
        name,
        url: spec.url,
        events: spec.events,
        pending: pending.get(name) ?? 0,
        disabledAt: found?.disabled_at.toISOString() ?? null,
        disabledReason: found?.reason ?? null,
      }
    })
  }

  const eventOf = async ({ sessionId, sequence, ...scope }: DueDelivery): Promise<SessionEvent | undefined> =>
    (await readEvents(kysely, scope, { sessionId, after: sequence - 1, limit: 1 })).at(0)

  /** What a message tells; undefined where that was erased. */
  const messageOf = async (due: DueDelivery): Promise<CloudEvent | undefined> => {
    const head = {
      specversion: '1.0',
      source: `/environments/${due.environmentId}`,
      datacontenttype: 'application/json',
    } as const
    if (due.payload) {
      const { type, payload: data, createdAt } = due
      const subject = data['budget'] ?? data['objective'] ?? data['id']
      return {
        ...head,
        id: due.id,
        type: `causeway.${type}`,
        ...(typeof subject === 'string' && { subject }),
        time: createdAt.toISOString(),
        data,
      }
    }
    const event = await eventOf(due)
    if (!event) return undefined
    const { sequence, sessionId, runId, at, type, data } = event
    return {
      ...head,
      id: `${sessionId}/${sequence}`,
      type: `causeway.${type}`,
      subject: runId,
      time: at,
      data: { sessionId, runId, ...data },
    }
  }

  /** Whether a message has arrived, is to be sent again, or never will be. */
  const note = async (due: DueDelivery, { status, error }: Attempted): Promise<void> => {
    if (error === null) return noteAttempt(kysely, due, due.id, { state: 'delivered', status, error })
    // Source: Standard Webhooks specification: an endpoint that is gone wants nothing more.
    const nextAt = status === 410 ? undefined : retryAt(due.attempt, new Date(), Math.random())
    await noteAttempt(kysely, due, due.id, {
      state: nextAt ? 'pending' : 'failed',
      status,
      error,
      ...(nextAt && { nextAt }),
    })
    if (nextAt) return
    const receiver = otherReceiverOf(due)
    if (receiver) return others.giveUp(due, receiver)
    const reason =
      status === 410 ? 'It answered that it is gone (410).' : `${due.attempt} attempts have failed: ${error}`
    await disableWebhook(kysely, due, due.webhook, reason)
    logger.warn(
      { webhook: due.webhook, reason },
      'a webhook was disabled; `causeway webhooks enable` sends to it again',
    )
  }

  const sendToOther = async (due: DueDelivery, receiver: OtherReceiver): Promise<void> => {
    const message = await others.messageOf(due, receiver)
    if (message) return note(due, await post(sending, message))
    await noteAttempt(kysely, due, due.id, { state: 'failed', status: null, error: 'Nobody wants it any more.' })
  }

  const send = async (due: DueDelivery): Promise<void> => {
    try {
      const receiver = otherReceiverOf(due)
      if (receiver) return await sendToOther(due, receiver)
      const [webhook, message] = [await active(due, due.webhook), await messageOf(due)]
      if (!webhook || !message) {
        const error = webhook ? 'The event is gone.' : 'The webhook is gone.'
        return await noteAttempt(kysely, due, due.id, { state: 'failed', status: null, error })
      }
      await note(due, await sendMessage(sending, due, webhook, due.id, message))
    } catch (error) {
      // It is due again in a minute.
      logger.warn({ err: error, delivery: due.id }, 'what became of a message to a webhook could not be recorded')
    }
  }

  return {
    list,

    async test(caller, name) {
      const message: CloudEvent = {
        specversion: '1.0',
        id: crypto.randomUUID(),
        source: `/environments/${caller.environmentId}`,
        type: 'causeway.ping',
        time: new Date().toISOString(),
        datacontenttype: 'application/json',
        data: { webhook: name },
      }
      return sendMessage(sending, caller, await existing(caller, name), `msg_${message.id}`, message)
    },

    async enable(caller, name) {
      await existing(caller, name)
      await database.transaction(async transaction => {
        if (!(await enableWebhook(transaction, caller, name)))
          throw new CausewayError('conflict', `The webhook ${name} is not disabled.`)
        await audit.record(transaction, {
          organisationId: caller.organisationId,
          environment: caller.environment,
          actor: caller.actor,
          action: 'webhook.enabled',
          subject: name,
          detail: {},
        })
      })
      const webhook = (await list(caller)).find(each => each.name === name)
      if (!webhook) throw new CausewayError('not-found', `There is no webhook ${name} in ${caller.environment}.`)
      return webhook
    },

    async replay(caller, id) {
      const delivery = await replayDelivery(kysely, caller, id)
      if (!delivery) throw new CausewayError('not-found', `There is no message ${id} in ${caller.environment}.`)
      return delivery
    },

    async sendDue() {
      const due = await takeDueDeliveries(kysely, atOnce)
      await Promise.all(due.map(send))
      return due.length
    },
  }
}

const otherReceiverOf = ({ webhook, runId }: DueDelivery): OtherReceiver | undefined =>
  webhook.startsWith(otherReceiver) ? { runId, id: webhook.slice(otherReceiver.length) } : undefined

const everyMs = 1_000

/** Sends what is due now and then, on every replica; each message is taken by one. @returns the end of it */
export function startWebhooks({ webhooks, logger }: { webhooks: Webhooks; logger: Logger }): () => Promise<void> {
  return repeatedly(async () => void (await webhooks.sendDue()), {
    everyMs,
    onError: error => logger.warn({ err: error }, 'messages to webhooks could not be looked for; it is tried again'),
  })
}
