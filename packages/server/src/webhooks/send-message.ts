import { CausewayError, type ManifestOf } from '@causeway/contracts'
import type { Scope } from '../database/index.ts'
import type { Egress } from '../egress/index.ts'
import type { Secrets } from '../secrets/index.ts'
import { signerOf } from './signer.ts'

/** A CloudEvent in its JSON format. Source: CloudEvents specification 1.0.2, JSON event format. */
export interface CloudEvent {
  specversion: '1.0'
  id: string
  source: string
  type: string
  subject?: string
  time: string
  datacontenttype: 'application/json'
  data: object
}

/** What an attempt has come to: an HTTP status, or why there is none. */
export interface Attempted {
  status: number | null
  error: string | null
}

/** Milliseconds that a receiver has to answer. */
const answerMs = 15_000

export interface SendMessageDependencies {
  secrets: Secrets
  egress: Egress
}

/** Signs a message and sends it once, through the guard of what goes out. Source: Standard Webhooks specification. */
export async function sendMessage(
  { secrets, egress }: SendMessageDependencies,
  scope: Scope,
  { spec: { url, secret } }: Pick<ManifestOf<'Webhook'>, 'spec'>,
  id: string,
  event: CloudEvent,
): Promise<Attempted> {
  const body = JSON.stringify(event)
  const now = new Date()
  try {
    await secrets.ready(scope, [secret])
    return await post(
      { secrets, egress },
      {
        url,
        body,
        headers: {
          'content-type': 'application/cloudevents+json; charset=utf-8',
          'webhook-id': id,
          'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
          'webhook-signature': signerOf(secrets.resolve(scope, secret, 'tool')).sign(id, now, body),
        },
      },
    )
  } catch (error) {
    return { status: null, error: secrets.redact(reasonOf(error)).slice(0, 500) }
  }
}

/** What is sent, and where. */
export interface OutgoingMessage {
  url: string
  headers: Record<string, string>
  body: string
}

/** Sends a message once, through the guard of what goes out. Never fails. */
export async function post(
  { secrets, egress }: SendMessageDependencies,
  { url, headers, body }: OutgoingMessage,
): Promise<Attempted> {
  try {
    const signal = AbortSignal.timeout(answerMs)
    const response = await egress.fetch(url, { method: 'POST', body, headers, signal })
    await response.body?.cancel()
    return { status: response.status, error: response.ok ? null : `It answered with status ${response.status}.` }
  } catch (error) {
    return { status: null, error: secrets.redact(reasonOf(error)).slice(0, 500) }
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof CausewayError) return error.message
  if (error instanceof DOMException && error.name === 'TimeoutError') return `No answer within ${answerMs / 1000} s.`
  if (error instanceof TypeError && error.cause instanceof Error) return error.cause.message
  return error instanceof Error ? error.message : String(error)
}
