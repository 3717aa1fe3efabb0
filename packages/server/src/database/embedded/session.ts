import { message, cString, messagesIn, messageType } from './wire.ts'

/** What runs the protocol: takes whole frontend messages, gives whole backend messages. */
export type ExecuteProtocol = (messages: Buffer) => Promise<Buffer>

/** One of the clients that share the session. */
export interface SessionClient {
  /** Whether the client has sent LISTEN and so wants notifications. */
  listening: boolean
  readonly closed: boolean
  /** Gives the client what the server answered. */
  receive(answer: Buffer): void
}

/** How many clients may wait for the session before the next is refused. */
const waitersAtMost = 2000

/**
 * Shares the one session of the embedded database among many clients. A client owns the session from its first message until the
 * server is idle again ("ReadyForQuery I"), so that transactions and extended-protocol batches never interleave.
 */
export class SharedSession {
  readonly #execute: ExecuteProtocol
  readonly #clients = new Set<SessionClient>()
  readonly #waiters: { client: SessionClient; proceed: () => void }[] = []
  #owner: SessionClient | undefined
  #inTransaction = false

  constructor(execute: ExecuteProtocol) {
    this.#execute = execute
  }

  join(client: SessionClient): void {
    this.#clients.add(client)
  }

  /** Runs a batch of messages of the client, after those of the present owner. */
  async run(client: SessionClient, batch: Buffer): Promise<void> {
    await this.#acquire(client)
    if (client.closed) return this.#release(client)
    await this.#deliver(client, batch)
    if (!this.#inTransaction) this.#release(client)
  }

  /** Takes the client out; what it left open is rolled back. */
  async leave(client: SessionClient): Promise<void> {
    this.#clients.delete(client)
    if (this.#owner !== client) return
    if (this.#inTransaction) await this.#deliver(client, message('Q', cString('ROLLBACK')))
    this.#release(client)
  }

  async #deliver(client: SessionClient, batch: Buffer): Promise<void> {
    const answers: Buffer[] = []
    for (const answer of messagesIn(await this.#execute(batch))) {
      if (answer[0] === messageType.notification) {
        for (const each of this.#clients) if (each.listening) each.receive(answer)
        continue
      }
      if (answer[0] === messageType.readyForQuery) this.#inTransaction = answer[5] !== 'I'.charCodeAt(0)
      answers.push(answer)
    }
    if (!client.closed) client.receive(Buffer.concat(answers))
  }

  async #acquire(client: SessionClient): Promise<void> {
    if (this.#owner === client) return
    if (!this.#owner) {
      this.#owner = client
      return
    }
    if (this.#waiters.length >= waitersAtMost) throw new Error('too many statements wait for the embedded database')
    await new Promise<void>(proceed => this.#waiters.push({ client, proceed }))
  }

  #release(client: SessionClient): void {
    if (this.#owner !== client) return
    this.#inTransaction = false
    const next = this.#waiters.shift()
    this.#owner = next?.client
    next?.proceed()
  }
}
