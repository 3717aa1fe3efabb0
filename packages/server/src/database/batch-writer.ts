import { setTimeout as wait } from 'node:timers/promises'
import { CausewayError } from '@causeway/contracts'

/** Writes rows to the database in batches, so that the work that makes them does not wait for it. */
export interface BatchWriter<Row> {
  add(row: Row): void
  /**
   * Resolves when there is room for more; to be asked before work is begun that will add rows.
   * @throws CausewayError database-unavailable when the rows cannot be written for too long
   */
  room(): Promise<void> | undefined
  /** Writes all that was added before. */
  flush(): Promise<void>
  /** Writes what is left and stops. */
  close(): Promise<void>
}

interface BatchWriterOptions<Row> {
  /** Writes rows in their order, all or none. */
  write: (rows: readonly Row[]) => Promise<void>
  onError: (error: unknown, rows: number) => void
  delayMs?: number
  batch?: number
  /** Rows that may wait to be written. */
  limit?: number
}

const longestRetryMs = 5000
/** How long one who asks for room waits. */
const patienceMs = 5000
const lookMs = 50

export function createBatchWriter<Row>(options: BatchWriterOptions<Row>): BatchWriter<Row> {
  const { write, onError, delayMs = 200, batch = 512, limit = 20_000 } = options
  let waiting: Row[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> | undefined
  let failures = 0
  let closed = false

  const schedule = (milliseconds: number): void => {
    timer ??= setTimeout(() => {
      timer = undefined
      void drain()
    }, milliseconds)
  }
  /** Rows that could not be written stay first in the queue and are tried again. */
  const drainOnce = async (): Promise<void> => {
    const rows = waiting.slice(0, batch)
    try {
      await write(rows)
      waiting = waiting.slice(rows.length)
      failures = 0
    } catch (error) {
      failures++
      onError(error, rows.length)
      if (!closed) schedule(Math.min(longestRetryMs, delayMs * 2 ** failures))
      throw error
    }
  }
  const drainAll = async (): Promise<void> => {
    try {
      while (waiting.length > 0) await drainOnce()
    } catch {
      // It is noted and tried again.
    }
  }
  const drain = (): Promise<void> => {
    writing ??= drainAll().finally(() => {
      writing = undefined
    })
    return writing
  }

  return {
    add(row) {
      waiting.push(row)
      if (waiting.length >= batch && failures === 0) void drain()
      else schedule(delayMs)
    },
    room() {
      if (waiting.length < limit) return undefined
      return (async () => {
        for (let waited = 0; waited < patienceMs; waited += lookMs) {
          await wait(lookMs)
          if (waiting.length < limit) return
        }
        throw new CausewayError('database-unavailable', 'Records of earlier calls cannot be written.')
      })()
    },
    flush: drain,
    async close() {
      closed = true
      clearTimeout(timer)
      await writing
      await drain()
    },
  }
}
