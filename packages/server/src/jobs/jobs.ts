import type { Connection } from '../database/index.ts'
import type { JobHandler } from './dispatcher.ts'

/** The queues that there are. */
export const queueNames = ['abandoned-runs', 'run-segments'] as const
export type QueueName = (typeof queueNames)[number]

/** Where a job goes when its attempts are used up, with its data; that queue stands before it in the list. */
export const queueAfter: Partial<Record<QueueName, QueueName>> = { 'run-segments': 'abandoned-runs' }

export interface NewJob {
  queue: QueueName
  data: object
  /** When it may begin; within a second after. Default: at once. */
  startAfter?: Date
  /** Higher ones first. Default 0. */
  priority?: number
  /** Whose it is. One tenant is given no more than its share of the places of a replica. */
  tenant?: string
}

/**
 * Durable work: who does what, and again if that one dies. A job may be delivered twice, even at the same time, when a
 * replica that was taken for dead still works; so the work must be fenced.
 */
export interface Jobs {
  /** Puts a job into a queue, in the caller's transaction. */
  enqueue(connection: Connection, job: NewJob): Promise<void>
  /**
   * Works on a queue, after `start`. A job whose handler throws, or whose replica dies, is delivered again after a
   * delay that grows from 1 s to 30 s, 20 times at the most; then it goes on to the queue of abandoned ones.
   */
  work(queue: QueueName, options: { concurrency: number }, handler: JobHandler): Promise<void>
  start(): Promise<void>
  /** Takes no more jobs, waits for those under way, then aborts what is left and hands it to others. */
  stop(options: { drainSeconds: number }): Promise<void>
}
