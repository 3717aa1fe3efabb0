import { messageOf, messageType, readText, textOf } from './wire-messages.ts'

const statement = /^\s*(listen|unlisten)\s+(?:"((?:[^"]|"")+)"|(\*|[\w$]+))\s*;?\s*$/i

/** Who listens on which channel. The shared session itself listens on all of them. */
export interface Subscriptions<Client> {
  /**
   * Notes a LISTEN or UNLISTEN in a message that the client sends. Returns the message to send on: an UNLISTEN becomes
   * an empty statement while other clients listen on the channel, because the session has only one subscription to it.
   */
  observe(client: Client, message: Buffer): Buffer
  /** The clients that a NotificationResponse is for. */
  listenersOf(notification: Buffer): Client[]
  /** Forgets the client; returns statements that end channels which nobody listens on any more. */
  forget(client: Client): Buffer[]
}

/** The SQL text of a Query or Parse message. */
const sqlOf = (message: Buffer): string | undefined => {
  if (message[0] === messageType.query) return readText(message, 5)[0]
  if (message[0] === messageType.parse) return readText(message, readText(message, 5)[1])[0]
  return undefined
}

/** The same Query or Parse message with an empty SQL text. */
const withoutSql = (message: Buffer): Buffer => {
  if (message[0] === messageType.query) return messageOf('Q', textOf(''))
  const [name, afterName] = readText(message, 5)
  return messageOf('P', textOf(name), textOf(''), message.subarray(readText(message, afterName)[1]))
}

const longestListen = 200

export function createSubscriptions<Client>(): Subscriptions<Client> {
  const channels = new Map<string, Set<Client>>()

  return {
    observe(client, message) {
      if (message.length > longestListen) return message
      const match = statement.exec(sqlOf(message) ?? '')
      if (match === null) return message
      const channel = match[2]?.replaceAll('""', '"') ?? match[3]?.toLowerCase() ?? ''
      if (match[1]?.toLowerCase() === 'listen') {
        channels.set(channel, (channels.get(channel) ?? new Set()).add(client))
        return message
      }
      for (const given of channel === '*' ? channels.keys() : [channel]) channels.get(given)?.delete(client)
      const wanted = channel === '*' ? [...channels.values()] : [channels.get(channel)]
      return wanted.some(clients => clients !== undefined && clients.size > 0) ? withoutSql(message) : message
    },
    listenersOf(notification) {
      const [channel] = readText(notification, 9)
      return [...(channels.get(channel) ?? [])]
    },
    forget(client) {
      const ended: Buffer[] = []
      for (const [channel, clients] of channels) {
        if (clients.delete(client) && clients.size === 0) {
          channels.delete(channel)
          ended.push(messageOf('Q', textOf(`unlisten "${channel.replaceAll('"', '""')}"`)))
        }
      }
      return ended
    },
  }
}
