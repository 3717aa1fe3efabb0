import { Duplex } from 'node:stream'

import type { SessionClient, SessionListener, SharedSession } from './shared-session.ts'
import { int32Of, messageOf, messageType, readyForQuery, splitMessages, textOf } from './wire-messages.ts'

const sslRequest = 80877103
const gssRequest = 80877104
const cancelRequest = 80877102

const parameters = {
  server_encoding: 'UTF8',
  client_encoding: 'UTF8',
  DateStyle: 'ISO, MDY',
  integer_datetimes: 'on',
  standard_conforming_strings: 'on',
}

/** What the server says after a startup message: authenticated, its parameters, and ready. */
const welcome = (clientId: number): Buffer =>
  Buffer.concat([
    messageOf('R', int32Of(0)),
    ...Object.entries(parameters).map(([name, value]) => messageOf('S', textOf(name), textOf(value))),
    messageOf('K', int32Of(clientId), int32Of(0)),
    readyForQuery('I'),
  ])

/** The statement timeout that a startup message asks for, in milliseconds. */
const statementLimitOf = (startup: Buffer): number | undefined => {
  const [, value = '0'] = /(?:^|\0)statement_timeout\0(\d+)\0/.exec(startup.toString('latin1', 8)) ?? []
  return Number(value) || undefined
}

/** The part of a socket that `pg` uses. */
export interface ClientStream extends Duplex {
  connect(): ClientStream
  setNoDelay(): ClientStream
  setKeepAlive(): ClientStream
  ref(): ClientStream
  unref(): ClientStream
}

/** An in-process connection to the shared session, for the `stream` option of `pg`. */
export function openClientStream(session: SharedSession): ClientStream {
  let client: SessionClient | undefined
  let received: Buffer = Buffer.alloc(0)
  let ended = false

  const end = (): void => {
    ended = true
    stream.push(null)
  }

  const start = (statementLimitMs: number | undefined): void => {
    const listener: SessionListener = {
      receive: messages => void (ended || stream.destroyed || stream.push(messages)),
      lost: error => {
        if (error === undefined) end()
        else stream.destroy(error)
        client?.leave()
      },
    }
    client = session.connect(listener, statementLimitMs)
    stream.push(welcome(client.id))
  }

  /** Takes a message that precedes the session, which has no type byte. Returns whether there was one. */
  const takeStartup = (): boolean => {
    if (client !== undefined || received.length < 8 || received.length < received.readInt32BE(0)) return false
    const message = received.subarray(0, received.readInt32BE(0))
    const code = message.readInt32BE(4)
    received = received.subarray(message.length)
    if (code === sslRequest || code === gssRequest) stream.push('N')
    else if (code === cancelRequest) stream.destroy()
    else start(statementLimitOf(message))
    return true
  }

  const take = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk])
    while (takeStartup());
    if (client === undefined) return
    const [messages, rest] = splitMessages(received)
    received = rest
    for (const message of messages) {
      if (message[0] === messageType.terminate) return end()
      client.send(message)
    }
  }

  const duplex = new Duplex({
    allowHalfOpen: false,
    read() {},
    write(chunk: Buffer, _encoding, done) {
      take(chunk)
      done()
    },
    final(done) {
      client?.leave()
      end()
      done()
    },
    destroy(error, done) {
      client?.leave()
      done(error)
    },
  })
  const stream: ClientStream = Object.assign(duplex, {
    connect: () => (setImmediate(() => stream.emit('connect')), stream),
    setNoDelay: () => stream,
    setKeepAlive: () => stream,
    ref: () => stream,
    unref: () => stream,
  })
  return stream
}
