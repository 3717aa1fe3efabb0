import { PgBoss, type QueueOptions } from 'pg-boss'

import type { Database } from '../database/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { bossDatabase, bossTransaction } from './boss-database.ts'
import { startDispatcher, type Dispatcher } from './dispatcher.ts'
import { createJobSource } from './job-source.ts'
import { queueAfter, queueNames, type Jobs } from './jobs.ts'
import { announceJob, bossSchema, jobsChannel, releaseActiveJobs } from './store.ts'

const queueOptions = {
  // A replica that is silent for so long is taken for dead; the least that pg-boss allows.
  heartbeatSeconds: 10,
  retryLimit: 20,
  retryDelay: 1,
  retryBackoff: true,
  retryDelayMax: 30,
  // Far beyond any segment: the heartbeat, not this, finds the dead.
  expireInSeconds: 86_000,
  deleteAfterSeconds: 3_600,
} as const satisfies QueueOptions

/** Time that aborted handlers have to leave. Milliseconds. */
const leaveMs = 5_000

/** Whether the work ended in time. */
const endsWithin = async (limitMs: number, work: Promise<unknown>): Promise<boolean> => {
  const limit = Promise.withResolvers<boolean>()
  const timer = setTimeout(() => limit.resolve(false), limitMs)
  const inTime = await Promise.race([work.then(() => true), limit.promise])
  clearTimeout(timer)
  return inTime
}

export function createJobs({ database, logger }: { database: Database; logger: Logger }): Jobs {
  const boss = new PgBoss({
    db: bossDatabase(database),
    schema: bossSchema,
    backend: database.embedded ? 'pglite' : 'postgres',
    superviseIntervalSeconds: 2,
    monitorIntervalSeconds: 2,
    schedule: false,
  })
  boss.on('error', (error: unknown) => logger.warn({ err: error }, 'the job queue reports an error'))
  boss.on('warning', warning => logger.warn({ warning }, 'the job queue reports a warning'))
  const dispatchers = new Map<string, Dispatcher>()
  const abort = new AbortController()
  let endListening: (() => Promise<void>) | undefined

  const wake = (queue: string): void => {
    // An empty name says that announcements may have been missed.
    for (const [name, dispatcher] of dispatchers) if (queue === '' || queue === name) dispatcher.wake()
  }

  return {
    async enqueue(connection, { queue, data, startAfter, priority, tenant }) {
      const when = startAfter && { startAfter }
      const rank = priority !== undefined && { priority }
      const owner = tenant !== undefined && { group: { id: tenant } }
      await boss.send(queue, data, { ...when, ...rank, ...owner, db: bossTransaction(connection) })
      if (startAfter === undefined || startAfter.getTime() <= Date.now()) await announceJob(connection, queue)
    },

    async start() {
      await boss.start()
      for (const queue of queueNames) {
        const deadLetter = queueAfter[queue]
        const options = { ...queueOptions, ...(deadLetter && { deadLetter }) }
        await boss.createQueue(queue, options)
        // A queue that an older version has made keeps its options otherwise.
        await boss.updateQueue(queue, options)
        if (database.embedded) await releaseActiveJobs(database.kysely, queue)
      }
      endListening = await database.listen(jobsChannel, wake)
    },

    async work(queue, { concurrency }, handler) {
      if (dispatchers.has(queue)) throw new Error(`This replica already works on the queue ${queue}`)
      const source = createJobSource({ boss, connection: database.kysely, queue })
      const dispatcher = startDispatcher({ source, handler, concurrency, signal: abort.signal, logger })
      dispatchers.set(queue, dispatcher)
    },

    async stop({ drainSeconds }) {
      await endListening?.()
      const drained = Promise.all([...dispatchers.values()].map(dispatcher => dispatcher.drain()))
      if (!(await endsWithin(drainSeconds * 1000, drained))) {
        abort.abort()
        await endsWithin(leaveMs, drained)
      }
      await Promise.all([...dispatchers.values()].map(dispatcher => dispatcher.abandon()))
      await boss.stop({ graceful: true, close: false, timeout: leaveMs })
    },
  }
}
