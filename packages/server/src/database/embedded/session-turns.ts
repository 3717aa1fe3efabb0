/** A place in the queue for the one session, and the client that has it now. */
export interface SessionTurns<Client> {
  /** Waits for the session. Returns a sentence instead when the wait was too long or the queue is full. */
  acquire(client: Client): Promise<string | undefined>
  release(client: Client): void
  has(client: Client): boolean
}

export interface SessionTurnsOptions {
  /** Longest wait for the session. Milliseconds. */
  waitLimitMs: number
  /** How many clients may wait at the same time. */
  waiterLimit: number
}

export function createSessionTurns<Client>({ waitLimitMs, waiterLimit }: SessionTurnsOptions): SessionTurns<Client> {
  const queue: { client: Client; grant: () => void }[] = []
  let owner: Client | undefined

  const wait = (client: Client): Promise<string | undefined> => {
    const { promise, resolve } = Promise.withResolvers<string | undefined>()
    const refuse = (): void => {
      queue.splice(queue.indexOf(entry), 1)
      resolve(
        `Waited ${waitLimitMs / 1000} s for the embedded database, which another transaction of this process holds. ` +
          'Inside a transaction use only the connection of that transaction.',
      )
    }
    const timer = setTimeout(refuse, waitLimitMs)
    const entry = { client, grant: () => (clearTimeout(timer), resolve(undefined)) }
    queue.push(entry)
    return promise
  }

  return {
    async acquire(client) {
      if (owner === undefined) owner = client
      if (owner === client) return undefined
      if (queue.length >= waiterLimit) return `${waiterLimit} clients already wait for the embedded database`
      return wait(client)
    },
    release(client) {
      if (owner !== client) return
      const next = queue.shift()
      owner = next?.client
      next?.grant()
    },
    has: client => owner === client,
  }
}
