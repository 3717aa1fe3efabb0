import { setTimeout as delay } from 'node:timers/promises'

import { Client, type ClientConfig } from 'pg'
import type { Logger } from 'pino'

import { databaseError } from './unavailable.ts'

export interface Listener {
  listen(channel: string, onNotification: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

export interface ListenerOptions {
  settings: ClientConfig
  logger: Logger
}

const firstBackoffMs = 100
const longestBackoffMs = 5_000
/** A connection that is lost in silence is found out by a query in this interval. Milliseconds. */
const checkIntervalMs = 10_000

const quoted = (channel: string): string => `"${channel.replaceAll('"', '""')}"`

/** One connection of its own that listens on every channel that somebody wants, and comes back when it is lost. */
export function createListener({ settings, logger }: ListenerOptions): Listener {
  const channels = new Map<string, Set<(payload: string) => void>>()
  const closing = new AbortController()
  let connection: Promise<Client> | undefined
  let turn: Promise<unknown> = Promise.resolve()

  /** A connection takes one statement at a time. */
  const inTurn = <Result>(work: () => Promise<Result>): Promise<Result> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  const connect = async (): Promise<Client> => {
    const client = new Client(settings)
    const isThere = (): Promise<unknown> => client.query('select 1').catch(() => client.end())
    const check = setInterval(() => void inTurn(isThere).catch(() => undefined), checkIntervalMs)
    client.on('error', error => logger.warn({ err: error }, 'the listening database connection failed'))
    client.on('notification', ({ channel, payload }) => {
      for (const notify of channels.get(channel) ?? []) notify(payload ?? '')
    })
    try {
      await client.connect()
      for (const channel of channels.keys()) await client.query(`listen ${quoted(channel)}`)
      client.on('end', () => {
        clearInterval(check)
        connection = undefined
        void reconnect()
      })
      return client
    } catch (error) {
      clearInterval(check)
      connection = undefined
      void client.end().catch(() => undefined)
      throw databaseError(error)
    }
  }

  const reconnect = async (): Promise<void> => {
    for (let backoff = firstBackoffMs; !closing.signal.aborted; backoff = Math.min(backoff * 2, longestBackoffMs)) {
      try {
        await delay(backoff * (0.5 + Math.random() / 2), undefined, { signal: closing.signal })
        connection ??= connect()
        await connection
        for (const listeners of channels.values()) for (const notify of listeners) notify('')
        return
      } catch (error) {
        if (!closing.signal.aborted) logger.warn({ err: error }, 'the listening database connection is not back yet')
      }
    }
  }

  const subscribe = async (statement: string): Promise<void> => {
    try {
      await inTurn(async () => (await (connection ??= connect())).query(statement))
    } catch (error) {
      throw databaseError(error)
    }
  }

  return {
    async listen(channel, onNotification) {
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners)
      listeners.add(onNotification)
      try {
        await subscribe(`listen ${quoted(channel)}`)
      } catch (error) {
        listeners.delete(onNotification)
        throw error
      }
      return async () => {
        if (!listeners.delete(onNotification) || listeners.size > 0 || closing.signal.aborted) return
        channels.delete(channel)
        // Without a connection there is nothing to give up; the next one listens only on what is still wanted.
        await subscribe(`unlisten ${quoted(channel)}`).catch(() => undefined)
      }
    },
    async close() {
      closing.abort()
      const client = await connection?.catch(() => undefined)
      await client?.end().catch(() => undefined)
    },
  }
}
