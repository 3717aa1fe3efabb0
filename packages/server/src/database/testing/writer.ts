/** Writes rows in transactions as fast as it can, and says the name of each one that was committed. */
import { pino } from 'pino'

import { openDatabase } from '../open-database.ts'

const [dataFolder = '', url, prefix = 'row'] = process.argv.slice(2)
const logger = pino({ level: 'silent' })
const database = await openDatabase({ url: url === '' ? undefined : url, dataFolder, logger })

const write = async (writer: number): Promise<void> => {
  for (let count = 0; ; count++) {
    const name = `${prefix}-${writer}-${count}`
    await database.transaction(async transaction => {
      await transaction.insertInto('organisations').values({ id: name, name }).execute()
      await transaction.insertInto('environments').values({ id: name, organisation_id: name, name }).execute()
    })
    process.stdout.write(`${name}\n`)
  }
}
await Promise.all([0, 1, 2, 3].map(write))
