import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '../telemetry/index.ts'
import type { FetchedJob, JobSource } from './job-source.ts'
import { createPause } from './pause.ts'

/** One delivery of a job. */
export interface Delivery {
  data: unknown
  /** Aborted when the replica begins to stop: what lasts should leave where others can go on. */
  stopping: AbortSignal
  /** Aborted when the replica stops and the time to drain is over. */
  signal: AbortSignal
}

export type JobHandler = (delivery: Delivery) => Promise<void>

/** Takes jobs of one queue as long as it has free places, and runs the handler on them. */
export interface Dispatcher {
  /** Says that there may be a job. */
  wake(): void
  /** Takes no more jobs. Settles when those under way have ended. */
  drain(): Promise<void>
  /** Hands back the jobs whose handlers have not ended, and no longer keeps them. */
  abandon(): Promise<void>
}

export interface DispatcherOptions {
  source: JobSource
  handler: JobHandler
  /** Jobs at the same time. */
  concurrency: number
  /** Aborts the handlers; what they throw after that is no failure of the job. */
  signal: AbortSignal
  logger: Logger
}

/** Delayed and retried jobs are not announced; this is how late they may be. Milliseconds. */
const pollMs = 1_000
const longestPollMs = 10_000
/** How often a job is handed back whose end could not be recorded; about as long as its heartbeat. */
const handBackAttempts = 10
/** Well below the heartbeat of the queue, so that one lost message does no harm. Milliseconds. */
const keepMs = 3_000

/** Part of the places that the jobs of one tenant may take. The rest is free for the first job of another. */
const shareOfOne = 0.8

function placesOfTenants(jobs: readonly FetchedJob[]): Map<string, number> {
  const places = new Map<string, number>()
  for (const { groupId } of jobs) if (groupId) places.set(groupId, (places.get(groupId) ?? 0) + 1)
  return places
}

/**
 * pg-boss has workers of its own, but each of them fetches one job and then sleeps until it is woken or polls, and a
 * notification wakes all of them: a backlog took minutes, and one job cost as many queries as there were workers.
 */
export function startDispatcher(options: DispatcherOptions): Dispatcher {
  const { source, handler, concurrency, signal, logger } = options
  const running = new Map<FetchedJob, Promise<void>>()
  const pause = createPause()
  /** Whether the queue may hold more than there were places for. */
  let backlog = false
  const stopping = new AbortController()
  const share = Math.max(1, Math.floor(concurrency * shareOfOne))

  const deliver = async (job: FetchedJob): Promise<void> => {
    try {
      await handler({ data: job.data, stopping: stopping.signal, signal })
    } catch (error) {
      if (signal.aborted) return source.handBack(job)
      logger.warn({ err: error, job: job.id, attempt: job.retryCount }, 'a job failed')
      return source.fail(job, error)
    }
    return source.complete(job)
  }

  /** When the database is back, the job is delivered again at once. Else its heartbeat runs out, because nobody keeps it now. */
  const handBackLater = async (job: FetchedJob): Promise<void> => {
    for (let attempt = 0; attempt < handBackAttempts && !stopping.signal.aborted; attempt++)
      try {
        await delay(pollMs, undefined, { signal: stopping.signal })
        return await source.handBack(job)
      } catch {
        // It is tried again, or left to the heartbeat.
      }
  }

  const run = async (job: FetchedJob): Promise<void> => {
    try {
      await deliver(job)
    } catch (error) {
      logger.warn({ err: error, job: job.id }, 'the end of a job could not be recorded')
      void handBackLater(job)
    }
    running.delete(job)
    if (backlog) pause.wake()
  }

  const fill = async (): Promise<void> => {
    for (;;) {
      const free = concurrency - running.size
      const held = placesOfTenants([...running.keys()])
      const except = [...held].flatMap(([tenant, places]) => (places >= share ? [tenant] : []))
      const mostHeld = Math.max(0, ...[...held.values()].filter(places => places < share))
      // So few at a time that nobody can come to more than the share.
      const limit = Math.min(free, share - mostHeld)
      const jobs = limit > 0 ? await source.fetch(limit, { except }) : []
      for (const job of jobs) running.set(job, run(job))
      backlog = limit <= 0 || jobs.length === limit || except.length > 0
      if (limit <= 0 || jobs.length < limit || stopping.signal.aborted) return
    }
  }

  const dispatch = async (): Promise<void> => {
    let waitMs = pollMs
    while (!stopping.signal.aborted) {
      try {
        await fill()
        waitMs = pollMs
      } catch (error) {
        logger.warn({ err: error }, 'the job queue cannot be read')
        waitMs = Math.min(waitMs * 2, longestPollMs)
      }
      await pause.wait(waitMs)
    }
  }
  const dispatching = dispatch()

  const keep = async (): Promise<void> => {
    try {
      if (running.size > 0) await source.keep([...running.keys()])
    } catch (error) {
      logger.warn({ err: error }, 'the heartbeat of running jobs could not be recorded')
    }
  }
  const keeping = setInterval(() => void keep(), keepMs)

  return {
    wake: pause.wake,
    async drain() {
      stopping.abort()
      pause.wake()
      await dispatching
      await Promise.all(running.values())
    },
    async abandon() {
      clearInterval(keeping)
      const handed = await Promise.allSettled([...running.keys()].map(job => source.handBack(job)))
      for (const each of handed) {
        if (each.status === 'rejected') logger.warn({ err: each.reason }, 'a job could not be handed back')
      }
    },
  }
}
