import { CausewayError } from '@causeway/contracts'
import type { Connection } from '../database/index.ts'
import { appendAll, appendEvents, type Append, type Appended } from './event-log-store.ts'

/** Statements of one replica at the same time: while one is written, the next gathers. */
const statementsAtOnce = 2
/** Appends in one statement. */
const appendsAtOnce = 64

/**
 * Appends to the log of a run, as `appendEvents` does.
 * @throws FencedError
 */
export type AppendToLog = (append: Append) => Promise<Appended>

interface Waiting {
  append: Append
  resolve: (appended: Appended | Promise<Appended>) => void
  reject: (error: unknown) => void
}

/**
 * Appends of many runs in as few statements as may be: one that comes while others are written waits for the next statement, with all
 * that come meanwhile. So many runs at the same time share round trips, commits and the locks that a commit takes.
 */
export function createAppendQueue(connection: Connection): AppendToLog {
  let waiting: Waiting[] = []
  let underWay = 0

  /** The next appends, none of the same run as another. */
  const take = (): Waiting[] => {
    const taken = new Map<string, Waiting>()
    const left: Waiting[] = []
    for (const each of waiting) {
      const { runId } = each.append
      if (taken.size < appendsAtOnce && !taken.has(runId)) taken.set(runId, each)
      else left.push(each)
    }
    waiting = left
    return [...taken.values()]
  }

  /** What is wrong with one append must not cost the others: what was not written with them is written alone. */
  const writeTogether = async (batch: readonly Waiting[]): Promise<void> => {
    let appended: (Appended | undefined)[] = []
    try {
      appended = await appendAll(
        connection,
        batch.map(({ append }) => append),
      )
    } catch (error) {
      if (error instanceof CausewayError && error.code === 'database-unavailable') {
        for (const { reject } of batch) reject(error)
        return
      }
    }
    for (const [place, { append, resolve }] of batch.entries())
      resolve(appended[place] ?? appendEvents(connection, append))
  }

  const write = async (): Promise<void> => {
    underWay++
    try {
      while (waiting.length > 0) await writeTogether(take())
    } finally {
      underWay--
    }
  }

  return append => {
    const { promise, resolve, reject } = Promise.withResolvers<Appended>()
    waiting.push({ append, resolve, reject })
    if (underWay < statementsAtOnce) void write()
    return promise
  }
}
