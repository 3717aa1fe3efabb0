import { setTimeout as sleep } from 'node:timers/promises'
import { PgBoss } from 'pg-boss'
import type { Connection, Database } from '../database/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { bossDatabase, bossTransaction } from './boss-database.ts'
import { bossSchema, releaseActiveJobs } from './store.ts'

/** The queues that there are. */
export type QueueName = 'run-segments'

/** One delivery of a job. */
export interface Delivery {
  data: unknown
  /** Aborted when the replica stops and the time to drain is over. */
  signal: AbortSignal
  /** Whether the job is given up if this delivery fails. */
  last: boolean
}

/** Durable work: who does what, and again if that one dies. A job may be delivered twice, even at the same time; its work must be fenced. */
export interface Jobs {
  /** Puts a job into a queue, in the caller's transaction. */
  enqueue(
    connection: Connection,
    job: { queue: QueueName; data: object; startAfter?: Date; priority?: number },
  ): Promise<void>
  /** Works on a queue. A handler that throws has its job again after a growing delay, 20 times at the most. */
  work(
    queue: QueueName,
    options: { concurrency: number },
    handler: (delivery: Delivery) => Promise<void>,
  ): Promise<void>
  start(): Promise<void>
  /** Takes no more jobs, waits for those under way, then aborts what is left and hands it to others. */
  stop(options: { drainSeconds: number }): Promise<void>
}

const queues: readonly QueueName[] = ['run-segments']
const retryLimit = 20
/** A replica that is silent for so long is taken for dead, in seconds; the least that pg-boss allows. */
const heartbeatSeconds = 10
/** Time that aborted handlers have to leave, in milliseconds. */
const leaveMs = 5000

export function createJobs({ database, logger }: { database: Database; logger: Logger }): Jobs {
  const boss = new PgBoss({
    db: bossDatabase(database),
    schema: bossSchema,
    backend: database.embedded ? 'pglite' : 'postgres',
    useListenNotify: true,
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    schedule: false,
  })
  boss.on('error', (error: unknown) => logger.warn({ err: error }, 'the job queue reports an error'))
  const running = new Set<Promise<void>>()
  const abort = new AbortController()

  return {
    async enqueue(connection, { queue, data, startAfter, priority }) {
      const options = {
        ...(startAfter && { startAfter }),
        ...(priority !== undefined && { priority }),
        db: bossTransaction(connection),
      }
      await boss.send(queue, data, options)
    },

    async start() {
      await boss.start()
      for (const queue of queues) {
        await boss.createQueue(queue, {
          heartbeatSeconds,
          retryLimit,
          retryDelay: 1,
          retryBackoff: true,
          retryDelayMax: 30,
          // Far beyond any segment: the heartbeat, not this, finds the dead.
          expireInSeconds: 86_000,
          deleteAfterSeconds: 3600,
          notify: true,
        })
        if (database.embedded) await releaseActiveJobs(database.kysely, queue)
      }
    },

    async work(queue, { concurrency }, handler) {
      await boss.work(
        queue,
        { localConcurrency: concurrency, pollingIntervalSeconds: 2, heartbeatRefreshSeconds: 3 },
        async jobs => {
          for (const { data, retryCount } of jobs) {
            const work = handler({ data, signal: abort.signal, last: retryCount >= retryLimit })
            running.add(work)
            await work.finally(() => running.delete(work))
          }
        },
      )
    },

    async stop({ drainSeconds }) {
      for (const queue of queues) await boss.offWork(queue, { wait: false })
      const settled = Promise.allSettled(running)
      await Promise.race([settled, sleep(drainSeconds * 1000, undefined, { ref: false })])
      abort.abort()
      await Promise.race([settled, sleep(leaveMs, undefined, { ref: false })])
      await boss.stop({ graceful: true, close: false, timeout: leaveMs })
    },
  }
}
