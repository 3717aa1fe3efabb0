import { parentPort, workerData } from 'node:worker_threads'

import { PGlite } from '@electric-sql/pglite'

import type { EngineAnswer, EngineRequest } from './engine.ts'

if (parentPort === null) throw new Error('engine-worker.ts runs only as a worker thread')
const port = parentPort
const { folder } = workerData as { folder: string }

const database = await PGlite.create(folder)
port.postMessage({ kind: 'ready' } satisfies EngineAnswer)

port.on('message', (request: EngineRequest) => {
  if (request.kind === 'close') {
    void database.close().finally(() => {
      port.postMessage({ kind: 'closed' } satisfies EngineAnswer)
      port.close()
    })
    return
  }
  // Errors of SQL are messages inside the answer. An exception is a trap of the WASM engine, after which its memory
  // cannot be trusted: the thread ends, as a PostgreSQL server does when a backend crashes.
  const bytes = database.execProtocolRawSync(request.batch)
  port.postMessage({ kind: 'executed', bytes } satisfies EngineAnswer, [bytes.buffer as ArrayBuffer])
})
