import type { Engine } from './engine.ts'
import { createSessionTurns, type SessionTurnsOptions } from './session-turns.ts'
import { createStatementNames } from './statement-names.ts'
import { createSubscriptions } from './subscriptions.ts'
import {
  errorMessage,
  messageOf,
  messageType,
  readyForQuery,
  splitMessages,
  statusOf,
  textOf,
  type SessionStatus,
} from './wire-messages.ts'

/** What a client of the session is told. */
export interface SessionListener {
  receive(messages: Buffer): void
  /** The session has ended for this client; nothing follows. */
  lost(error: Error | undefined): void
}

export interface SessionClient {
  readonly id: number
  /** Takes one message of the client; a batch runs when the message ends one. */
  send(message: Buffer): void
  /** Ends the client: an open transaction is rolled back, its statements and channels are given up. */
  leave(): void
}

export interface SharedSession {
  /** @param statementLimitMs longest time of one batch; the engine is started again when it takes longer. */
  connect(listener: SessionListener, statementLimitMs?: number): SessionClient
}

export interface SharedSessionOptions extends SessionTurnsOptions {
  engine: Engine
  /** A transaction that stays idle this long is rolled back and its client is ended. Milliseconds. */
  idleTransactionLimitMs: number
}

const batchEnds: readonly (number | undefined)[] = [
  messageType.query,
  messageType.sync,
  messageType.flush,
  messageType.copyDone,
  messageType.copyFail,
]
const sync = messageOf('S')
const rollback = messageOf('Q', textOf('rollback'))

/**
 * Many clients over the one session that the engine has. A client owns the session from the first message of a batch
 * until ReadyForQuery says that no transaction is open, so batches and transactions of clients never interleave.
 */
export function createSharedSession({
  engine,
  idleTransactionLimitMs,
  ...limits
}: SharedSessionOptions): SharedSession {
  interface Client {
    listener: SessionListener
    status: SessionStatus
    gone: boolean
    statementLimitMs: number | undefined
    idle?: NodeJS.Timeout
  }
  const turns = createSessionTurns<Client>(limits)
  const subscriptions = createSubscriptions<Client>()
  const clients = new Set<Client>()
  let lastId = 0

  const endWithEngine = async (): Promise<void> => {
    const error = await engine.ended
    for (const client of clients) client.listener.lost(error)
    clients.clear()
  }
  void endWithEngine()

  /** Runs a batch on the session that the client owns. */
  const execute = async (client: Client, batch: Buffer): Promise<Buffer> => {
    clearTimeout(client.idle)
    const answer = await engine.execute(batch, client.statementLimitMs)
    const own: Buffer[] = []
    for (const message of splitMessages(answer)[0]) {
      if (message[0] === messageType.notificationResponse) {
        for (const { listener } of subscriptions.listenersOf(message)) listener.receive(message)
        continue
      }
      if (message[0] === messageType.readyForQuery) client.status = statusOf(message)
      own.push(message)
    }
    return Buffer.concat(own)
  }

  /** Passes the session on, unless a transaction is open. */
  const yieldSession = (client: Client): void => {
    if (client.status === 'I') return turns.release(client)
    client.idle = setTimeout(() => {
      if (client.gone) return
      const sentence = `A transaction was idle for ${idleTransactionLimitMs / 1000} s and is rolled back`
      client.listener.receive(errorMessage('FATAL', '25P03', sentence))
      client.listener.lost(undefined)
    }, idleTransactionLimitMs)
  }

  const run = async (client: Client, batch: Buffer): Promise<void> => {
    const refusal = await turns.acquire(client)
    if (refusal !== undefined) {
      return client.listener.receive(Buffer.concat([errorMessage('ERROR', '53300', refusal), readyForQuery('I')]))
    }
    const answer = await execute(client, batch)
    if (!client.gone) client.listener.receive(answer)
    yieldSession(client)
  }

  /** Leaves nothing of the client in the session. */
  const tidy = async (client: Client, leftovers: Buffer[]): Promise<void> => {
    const last = turns.has(client) ? [sync, rollback, ...leftovers] : leftovers
    if (last.length > 0 && (await turns.acquire(client)) === undefined) {
      await execute(client, Buffer.concat([...last, sync]))
    }
    client.status = 'I'
    clients.delete(client)
    turns.release(client)
  }

  return {
    connect(listener, statementLimitMs) {
      const id = ++lastId
      const client: Client = { listener, status: 'I', gone: false, statementLimitMs }
      const names = createStatementNames(id)
      let batch: Buffer[] = []
      let work = Promise.resolve()
      const enqueue = (step: () => Promise<void>): void => {
        work = work.then(step).catch((error: Error) => {
          // Only the loss of the engine rejects. A client that came after it has not heard of it yet.
          turns.release(client)
          if (!client.gone) listener.lost(error)
        })
      }
      clients.add(client)
      return {
        id,
        send(message) {
          batch.push(names.rename(subscriptions.observe(client, message)))
          if (!batchEnds.includes(message[0])) return
          const whole = Buffer.concat(batch)
          batch = []
          enqueue(() => run(client, whole))
        },
        leave() {
          if (client.gone) return
          client.gone = true
          enqueue(() => tidy(client, [...names.closeAll(), ...subscriptions.forget(client)]))
        },
      }
    },
  }
}
