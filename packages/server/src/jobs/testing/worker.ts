/** Takes jobs, says the name in each of them, and never ends them. */
import { pino } from 'pino'

import { openDatabase } from '../../database/index.ts'
import { createJobs } from '../index.ts'

const [dataFolder = '', url] = process.argv.slice(2)
const logger = pino({ level: 'silent' })
const database = await openDatabase({ url: url === '' ? undefined : url, dataFolder, logger })
const jobs = createJobs({ database, logger })
await jobs.start()
await jobs.work('run-segments', { concurrency: 10 }, ({ data }) => {
  process.stdout.write(`${JSON.stringify(data)}\n`)
  return Promise.withResolvers<void>().promise
})
