import type { NatsSource } from '@causeway/contracts'
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream'
import type { ConnectionOptions, NatsConnection } from '@nats-io/transport-node'
import type { Scope } from '../database/index.ts'
import type { Egress } from '../egress/index.ts'
import type { Secrets } from '../secrets/index.ts'

/** A message of a queue. */
export interface QueueMessage {
  /** The same for each delivery of a message, and for no other one. */
  key: string
  body: string
}

/** A queue that is read. */
export interface QueueSource {
  /** Settles when it is not read any more, for whatever reason. Does not fail. */
  readonly ended: Promise<void>
  close(): Promise<void>
}

export interface QueueSourceOptions {
  egress: Pick<Egress, 'resolve'>
  secrets: Pick<Secrets, 'ready' | 'resolve'>
  scope: Scope
  /** Name of what keeps the place in the stream; all who use the same share the messages. */
  consumer: string
  /** Resolves when the message is done with; whether it must come again, and in how many milliseconds. */
  onMessage: (message: QueueMessage) => Promise<{ againInMs: number } | undefined>
}

const defaultPort = 4222
const connectMs = 10_000
/** Messages that are asked for at a time. */
const atOnce = 10
/** How long a message may be worked on before it is given to another. */
const workNanoseconds = 60_000_000_000
/** How often a message is given to somebody. */
const deliveriesAtMost = 50

/**
 * Reads a stream of NATS JetStream over the checked address of one of its servers. A message is acknowledged when it is done with, and
 * comes again when it is not.
 * Source: NATS, JetStream consumers with explicit acknowledgement.
 * @throws CausewayError egress-denied and what secrets throw; Error for what the server refuses
 */
export async function readNats(on: NatsSource, options: QueueSourceOptions): Promise<QueueSource> {
  const connection = await connectToOne(on, options)
  try {
    const messages = await consume(connection, on, options.consumer)
    const handled = async (): Promise<void> => {
      await handleAll(messages, options)
      await connection.close()
    }
    return {
      ended: handled(),
      async close() {
        await messages.close()
        await connection.close()
      },
    }
  } catch (error) {
    await connection.close()
    throw error
  }
}

/** Connects to the first server that lets itself be connected to. @throws what the last one throws */
async function connectToOne(on: NatsSource, options: QueueSourceOptions): Promise<NatsConnection> {
  const { connect } = await import('@nats-io/transport-node')
  let failure: unknown
  for (const server of on.servers)
    try {
      return await connect(await connectionTo(server, on, options))
    } catch (error) {
      failure = error
    }
  throw failure
}

async function connectionTo(
  server: string,
  { token, credentials }: NatsSource,
  { egress, secrets, scope }: QueueSourceOptions,
): Promise<ConnectionOptions> {
  const { credsAuthenticator } = await import('@nats-io/transport-node')
  const handles = [token, credentials].filter(each => each !== undefined)
  await secrets.ready(scope, handles)
  const url = new URL(server.replace(/^\w+:/, 'http:'))
  url.port ||= String(defaultPort)
  const { address, family } = await egress.resolve(url)
  return {
    servers: `${family === 6 ? `[${address}]` : address}:${url.port}`,
    // The library hands this on to node:tls, which its types do not say. With it a server without TLS is refused.
    ...(server.startsWith('tls:') && { tls: { servername: url.hostname } as never }),
    ...(token && { token: secrets.resolve(scope, token, 'tool') }),
    ...(credentials && { authenticator: credsAuthenticator(Buffer.from(secrets.resolve(scope, credentials, 'tool'))) }),
    name: 'causeway',
    timeout: connectMs,
    // Whoever opened it opens it anew, over addresses that are checked then; what the servers say of each other is not.
    reconnect: false,
    ignoreClusterUpdates: true,
  }
}

async function consume(
  connection: NatsConnection,
  { stream, subject }: NatsSource,
  name: string,
): Promise<ConsumerMessages> {
  const { AckPolicy, jetstream, jetstreamManager } = await import('@nats-io/jetstream')
  const manager = await jetstreamManager(connection)
  await manager.consumers.add(stream, {
    durable_name: name,
    ack_policy: AckPolicy.Explicit,
    ack_wait: workNanoseconds,
    max_deliver: deliveriesAtMost,
    ...(subject !== undefined && { filter_subject: subject }),
  })
  const consumer = await jetstream(connection).consumers.get(stream, name)
  return consumer.consume({ max_messages: atOnce })
}

async function handleAll(messages: ConsumerMessages, { onMessage }: QueueSourceOptions): Promise<void> {
  try {
    for await (const message of messages) await handle(message, onMessage)
  } catch {
    // The connection is over; what was not acknowledged comes again.
  }
}

async function handle(message: JsMsg, onMessage: QueueSourceOptions['onMessage']): Promise<void> {
  const { stream, streamSequence } = message.info
  const again = await onMessage({ key: `${stream}/${streamSequence}`, body: message.string() })
  if (again) message.nak(again.againInMs)
  else message.ack()
}
