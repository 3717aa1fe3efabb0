import { parentPort, workerData } from 'node:worker_threads'

import { PGlite } from '@electric-sql/pglite'

import type { EngineAnswer, EngineRequest } from './engine.ts'

const port = parentPort
const folder: unknown = workerData
if (port === null || typeof folder !== 'string') throw new Error('engine-worker.ts runs only as a thread of the engine')

const database = await PGlite.create(folder)

const answer = (message: EngineAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

const close = async (): Promise<void> => {
  await database.close()
  port.close()
}

const execute = (batch: Uint8Array): void => {
  // Errors of SQL are messages inside the answer. An exception is a trap of the WASM engine, after which its memory
  // cannot be trusted: the thread ends, as a PostgreSQL server does when a backend crashes.
  const bytes = database.execProtocolRawSync(batch)
  answer({ kind: 'executed', bytes }, bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [])
}

port.on('message', (request: EngineRequest) => {
  if (request.kind === 'close') void close()
  else execute(request.batch)
})

answer({ kind: 'ready' })
