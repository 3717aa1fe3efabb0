import { sql, type RawBuilder } from 'kysely'

import type { Connection } from '../database/index.ts'

/** Schema of pg-boss' own tables. */
export const bossSchema = 'pgboss'

/** Channel on which replicas hear, with the name of the queue, that a job can be had at once. */
export const jobsChannel = 'causeway_jobs'

/** One delivery of a job, as pg-boss knows it: each new one has a higher count. */
export interface Attempt {
  id: string
  retryCount: number
}

const jobTable = sql.id(bossSchema, 'job')

const announcement = (queue: string): RawBuilder<unknown> => sql`select pg_notify(${jobsChannel}, ${queue})`

/** Tells the replicas, when the transaction commits, that a job can be had. */
export async function announceJob(connection: Connection, queue: string): Promise<void> {
  await announcement(queue).execute(connection)
}

/**
 * Hands out again at once what a dead process was working on. pg-boss would wait for the heartbeat to run out; on the
 * embedded database the lock of the data folder proves that nobody works on it any more. A job that has used up its
 * attempts is left to the heartbeat, which gives it up: it may be what kills the process.
 */
export async function releaseActiveJobs(connection: Connection, queue: string): Promise<void> {
  await sql`
    update ${jobTable} set state = 'retry', start_after = now()
    where name = ${queue} and state = 'active' and retry_count < retry_limit`.execute(connection)
}

/**
 * Gives back a job that this replica has begun and will not end. Unlike a failure it costs the job none of its attempts
 * and no delay, which is why it does not go through pg-boss: that has the operation, but not in its public interface.
 */
export async function handBackJob(connection: Connection, queue: string, { id, retryCount }: Attempt): Promise<void> {
  await sql`
    update ${jobTable} set state = 'created', started_on = null, heartbeat_on = null, start_after = now()
    where name = ${queue} and id = ${id} and state = 'active' and retry_count = ${retryCount}`.execute(connection)
  await announceJob(connection, queue)
}
