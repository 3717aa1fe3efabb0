/** Runs PGlite in a worker thread, so that SQL never blocks the event loop of the platform. */
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'

/** Sent to the worker: messages of the wire protocol to run, or the wish to close. */
export type WorkerRequest = { id: number; messages: Uint8Array } | { id: number; close: true }

/** Sent by the worker. The first answer has id 0 and says that the database is open. */
export type WorkerAnswer = { id: number; answer?: Uint8Array; error?: string }

const port = parentPort
if (!port) throw new Error('this file runs in a worker thread')
const answer = (value: WorkerAnswer): void => port.postMessage(value)

const folder: unknown = workerData
if (typeof folder !== 'string') throw new Error('the worker needs the folder of the database')
const database = await PGlite.create(folder)
answer({ id: 0 })

port.on('message', (request: WorkerRequest) => {
  run(request).then(answer, (error: unknown) => answer({ id: request.id, error: String(error) }))
})

async function run(request: WorkerRequest): Promise<WorkerAnswer> {
  if ('close' in request) {
    await database.close()
    return { id: request.id }
  }
  return { id: request.id, answer: database.execProtocolRawSync(request.messages) }
}
