import { EventEmitter } from 'node:events'
import type { Database } from '../database/index.ts'
import { revokedChannel } from '../identity/index.ts'
import { eventChannel, statusChannel } from './event-log-store.ts'
import { cancelChannel } from './run-store.ts'

const channels = [eventChannel, statusChannel, cancelChannel, revokedChannel] as const
type Channel = (typeof channels)[number]

/**
 * Tells those who wait on this replica that something was appended to a session, that a run shall stop or that a key was
 * revoked.
 */
export interface Notifications {
  /**
   * Calls back on each notification for the key, with the number that it tells, if any; without one also when some may have been
   * missed.
   * @returns the end of the subscription
   */
  watch(channel: Channel, key: string, onChange: (upTo?: number) => void): () => void
  close(): Promise<void>
}

const everybody = Symbol('everybody')

/** Listens once for each channel, however many wait. */
export async function createNotifications(database: Database): Promise<Notifications> {
  const emitter = new EventEmitter().setMaxListeners(0)
  const listening = await Promise.all(
    channels.map(channel =>
      database.listen(channel, payload => {
        const [key = '', upTo] = payload.split(' ')
        if (key === '') emitter.emit(everybody)
        else emitter.emit(`${channel} ${key}`, upTo === undefined ? undefined : Number(upTo))
      }),
    ),
  )
  return {
    watch(channel, key, onChange) {
      emitter.on(`${channel} ${key}`, onChange).on(everybody, onChange)
      return () => void emitter.off(`${channel} ${key}`, onChange).off(everybody, onChange)
    },
    async close() {
      await Promise.all(listening.map(end => end()))
    },
  }
}
