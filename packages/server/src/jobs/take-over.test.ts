import { pino } from 'pino'
import { expect, test, vi } from 'vitest'

import { openDatabase } from '../database/index.ts'
import { createTestStore, databaseKinds, startTestChild, type TestStore } from '../database/testing/index.ts'
import type { Jobs } from './index.ts'
import { startJobs } from './testing/jobs-for-test.ts'

const queue = 'run-segments'
const logger = pino({ level: 'silent' })
const open = ({ url, dataFolder }: TestStore) => openDatabase({ url, dataFolder, logger })

const startWorker = ({ dataFolder, url = '' }: TestStore) =>
  startTestChild(new URL('./testing/worker.ts', import.meta.url), [dataFolder, url])

const jobCount = 5

const collect = async (jobs: Jobs): Promise<unknown[]> => {
  const taken: unknown[] = []
  await jobs.work(queue, { concurrency: 10 }, async ({ data }) => void taken.push(data))
  return taken
}

test('on embedded, what a killed process worked on is taken up as soon as the next one starts [A7.job-takeover]', async () => {
  await using store = await createTestStore('embedded')
  {
    const database = await open(store)
    const jobs = await startJobs(database)
    for (let index = 0; index < jobCount; index++) await jobs.enqueue(database.kysely, { queue, data: { index } })
    await jobs.stop({ drainSeconds: 0 })
    await database.close()
  }
  await using worker = startWorker(store)
  await worker.says(jobCount)
  await worker.kill()

  const database = await open(store)
  const jobs = await startJobs(database)
  const begin = Date.now()
  const taken = await collect(jobs)
  await vi.waitFor(() => expect(taken).toHaveLength(jobCount), 15_000)
  expect(Date.now() - begin).toBeLessThan(1_000)
  await jobs.stop({ drainSeconds: 0 })
  await database.close()
})

test.runIf(databaseKinds.includes('postgresql'))(
  'on postgresql, what a killed process worked on is taken over by another within 20 s [A7.job-takeover]',
  { timeout: 60_000 },
  async () => {
    await using store = await createTestStore('postgresql')
    const database = await open(store)
    const jobs = await startJobs(database)
    for (let index = 0; index < jobCount; index++) await jobs.enqueue(database.kysely, { queue, data: { index } })
    await using worker = startWorker(store)
    await worker.says(jobCount)

    const taken = await collect(jobs)
    await worker.kill()
    const begin = Date.now()
    await vi.waitFor(() => expect(taken).toHaveLength(jobCount), 25_000)
    const tookMs = Date.now() - begin
    expect(tookMs).toBeGreaterThan(5_000)
    expect(tookMs).toBeLessThan(20_000)
    await jobs.stop({ drainSeconds: 0 })
    await database.close()
  },
)
