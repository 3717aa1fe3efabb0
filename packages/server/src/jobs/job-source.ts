import type { PgBoss } from 'pg-boss'

import type { Connection } from '../database/index.ts'
import { handBackJob, type Attempt } from './store.ts'

export interface FetchedJob extends Attempt {
  data: unknown
  /** The tenant whose it is. */
  groupId?: string | null
}

/** One queue as a replica that works on it sees it. What it says of a job is ignored once that was delivered anew. */
export interface JobSource {
  /** Claims the next jobs, except those of some tenants; the claims are kept by `keep`. */
  fetch(limit: number, options: { except: readonly string[] }): Promise<FetchedJob[]>
  /** Says that the jobs are still worked on. */
  keep(jobs: readonly Attempt[]): Promise<void>
  complete(job: Attempt): Promise<void>
  /** Has the job delivered again after a growing delay, unless its attempts are used up. */
  fail(job: Attempt, error: unknown): Promise<void>
  /** Has the job delivered again at once, without counting this delivery. */
  handBack(job: Attempt): Promise<void>
}

const attemptOf = ({ id, retryCount }: Attempt): Attempt => ({ id, retryCount })

const describeError = (error: unknown): object =>
  error instanceof Error ? { name: error.name, message: error.message } : { message: String(error) }

export function createJobSource({
  boss,
  connection,
  queue,
}: {
  boss: PgBoss
  connection: Connection
  queue: string
}): JobSource {
  return {
    fetch: (limit, { except }) => boss.fetch<object>(queue, { batchSize: limit, ignoreGroups: [...except] }),
    async keep(jobs) {
      await boss.touch(queue, jobs.map(attemptOf))
    },
    async complete(job) {
      await boss.complete(queue, attemptOf(job))
    },
    async fail(job, error) {
      await boss.fail(queue, attemptOf(job), describeError(error))
    },
    handBack: job => handBackJob(connection, queue, job),
  }
}
