import type { Dispatcher } from 'undici'

/** A connection that one call has for itself. */
export interface LeasedConnection {
  readonly dispatcher: Dispatcher
  /** Whether another call has used it: then the other side may have closed it just as this one begins. */
  readonly isUsed: boolean
  /** Keeps it for the next call. One that is not given back must be destroyed. */
  giveBack(): void
}

/** Connections that wait for their next call. */
export interface KeptConnections {
  /** One that was kept under a key, or a new one. */
  lease(key: string, create: () => Dispatcher): LeasedConnection
  close(): Promise<void>
}

/** @param keptAtMost connections of all keys together; the oldest make room */
export function createKeptConnections({ keptAtMost }: { keptAtMost: number }): KeptConnections {
  const idle: { key: string; dispatcher: Dispatcher }[] = []
  return {
    lease(key, create) {
      const at = idle.findLastIndex(each => each.key === key)
      const [found] = at < 0 ? [] : idle.splice(at, 1)
      const dispatcher = found?.dispatcher ?? create()
      return {
        dispatcher,
        isUsed: found !== undefined,
        giveBack() {
          idle.push({ key, dispatcher })
          if (idle.length > keptAtMost) void idle.shift()?.dispatcher.destroy()
        },
      }
    },
    async close() {
      await Promise.all(idle.splice(0).map(({ dispatcher }) => dispatcher.destroy()))
    },
  }
}
