import { setTimeout as delay } from 'node:timers/promises'

import { describe, expect, test, vi } from 'vitest'

import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import type { Database } from '../database/index.ts'
import type { Jobs, NewJob } from './index.ts'
import { startJobs } from './testing/jobs-for-test.ts'

const queue = 'run-segments'

const enqueue = (database: Database, jobs: Jobs, name: string, more: Partial<NewJob> = {}): Promise<void> =>
  database.transaction(transaction => jobs.enqueue(transaction, { queue, data: { name }, ...more }))

const nameOf = (data: unknown): string => (data as { name: string }).name

describe.each(databaseKinds)('on %s', kind => {
  test('a job is delivered once, and not at all when its transaction is rolled back [A7.job-transaction]', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    const delivered: unknown[] = []
    await jobs.work(queue, { concurrency: 5 }, async ({ data }) => {
      delivered.push(data)
    })
    const undone = database.transaction(async transaction => {
      await jobs.enqueue(transaction, { queue, data: { name: 'undone' } })
      throw new Error('no')
    })
    await expect(undone).rejects.toThrow('no')
    await enqueue(database, jobs, `it's "done" $1`)
    await vi.waitFor(() => expect(delivered).toHaveLength(1), 15_000)
    await delay(1_500)
    expect(delivered).toEqual([{ name: `it's "done" $1` }])
  })

  test('more jobs than places are taken one after the other, urgent ones first [A7.job-order]', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    const normal = Array.from({ length: 40 }, (_, index) => `normal ${index}`)
    for (const each of normal) await enqueue(database, jobs, each)
    await enqueue(database, jobs, 'urgent', { priority: 10 })
    const order: string[] = []
    let atOnce = 0
    let most = 0
    const full = Promise.withResolvers<void>()
    await jobs.work(queue, { concurrency: 4 }, async ({ data }) => {
      order.push(nameOf(data))
      most = Math.max(most, ++atOnce)
      if (atOnce === 4) full.resolve()
      await Promise.race([full.promise, delay(2000)])
      await delay(5)
      atOnce--
    })
    await vi.waitFor(() => expect(order).toHaveLength(41), 5_000)
    expect(order.slice(0, 4)).toContain('urgent')
    // Those that are taken at the same time begin in any order, and are no more than there are places.
    const places = order.filter(each => each !== 'urgent').map((each, place) => Math.abs(normal.indexOf(each) - place))
    expect(Math.max(...places)).toBeLessThan(4)
    expect(most).toBe(4)
  })

  test('a job whose handler throws is delivered again after a pause [A7.job-retry]', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    const at: number[] = []
    await jobs.work(queue, { concurrency: 5 }, async () => {
      at.push(Date.now())
      if (at.length < 2) throw new Error('not yet')
    })
    await enqueue(database, jobs, 'stubborn')
    await vi.waitFor(() => expect(at).toHaveLength(2), 10_000)
    expect((at[1] ?? 0) - (at[0] ?? 0)).toBeGreaterThanOrEqual(500)
    await delay(1_500)
    expect(at).toHaveLength(2)
  })

  test('a job that fails at its last delivery goes on to those that were abandoned [A7.job-retry]', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    await enqueue(database, jobs, 'hopeless', { startAfter: new Date(Date.now() + 500) })
    await database.pool.query('update pgboss.job set retry_count = retry_limit')
    const deliveries: string[] = []
    await jobs.work(queue, { concurrency: 5 }, async ({ data }) => {
      deliveries.push(`worked on ${nameOf(data)}`)
      throw new Error('never')
    })
    await jobs.work('abandoned-runs', { concurrency: 1 }, async ({ data }) => {
      deliveries.push(`abandoned ${nameOf(data)}`)
    })
    await vi.waitFor(() => expect(deliveries).toHaveLength(2), 5_000)
    await delay(1_500)
    expect(deliveries).toEqual(['worked on hopeless', 'abandoned hopeless'])
  })

  test('a job that is meant for later is delivered then [A7.job-later]', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    const delivered = Promise.withResolvers<number>()
    await jobs.work(queue, { concurrency: 5 }, async () => delivered.resolve(Date.now()))
    const startAfter = new Date(Date.now() + 1_500)
    await enqueue(database, jobs, 'later', { startAfter })
    const late = (await delivered.promise) - startAfter.getTime()
    expect(late).toBeGreaterThanOrEqual(-5)
    expect(late).toBeLessThan(2_500)
  })

  test('a job reaches an idle worker within 50 ms in the median', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    let delivered = Promise.withResolvers<void>()
    await jobs.work(queue, { concurrency: 50 }, async () => delivered.resolve())
    const latencies: number[] = []
    for (let index = 0; index < 21; index++) {
      delivered = Promise.withResolvers()
      const begin = performance.now()
      await enqueue(database, jobs, 'quick')
      await delivered.promise
      latencies.push(performance.now() - begin)
    }
    expect(latencies.toSorted((one, other) => one - other)[10]).toBeLessThan(50)
  })

  test('stopping waits for a job that ends in time', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    const begun = Promise.withResolvers<void>()
    let ended = false
    await jobs.work(queue, { concurrency: 1 }, async ({ signal }) => {
      begun.resolve()
      await delay(300)
      ended = !signal.aborted
    })
    await enqueue(database, jobs, 'short')
    await enqueue(database, jobs, 'waits')
    await begun.promise
    await jobs.stop({ drainSeconds: 5 })
    expect(ended).toBe(true)
    await using next = await startJobs(database)
    const names: string[] = []
    await next.work(queue, { concurrency: 1 }, async ({ data }) => void names.push(nameOf(data)))
    await vi.waitFor(() => expect(names).toEqual(['waits']), 15_000)
  })

  test('a job that does not end in time is aborted and goes on elsewhere at once [A4.drain]', async () => {
    await using database = await openTestDatabase(kind)
    await using jobs = await startJobs(database)
    const begun = Promise.withResolvers<void>()
    await jobs.work(queue, { concurrency: 1 }, async ({ signal }) => {
      begun.resolve()
      await delay(60_000, undefined, { signal })
    })
    await enqueue(database, jobs, 'long')
    await begun.promise
    await using next = await startJobs(database)
    const taken = Promise.withResolvers<string>()
    await next.work(queue, { concurrency: 1 }, async ({ data }) => taken.resolve(nameOf(data)))
    const begin = Date.now()
    await jobs.stop({ drainSeconds: 0.1 })
    expect(await taken.promise).toBe('long')
    expect(Date.now() - begin).toBeLessThan(2_000)
  })
})
