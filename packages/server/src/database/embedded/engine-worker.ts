import { parentPort, workerData } from 'node:worker_threads'

import { PGlite } from '@electric-sql/pglite'

import type { EngineAnswer, EngineRequest, EngineStart } from './engine.ts'

const port = parentPort
const started: EngineStart | null = workerData
if (port === null || started === null) throw new Error('engine-worker.ts runs only as a thread of the engine')

const database = await PGlite.create(started.folder, { pgliteWasmModule: started.program })

const answer = (message: EngineAnswer, transfer: ArrayBuffer[] = []): void => port.postMessage(message, transfer)

const close = async (): Promise<void> => {
  await database.close()
  port.close()
}

/**
 * Errors of SQL are messages inside the answer. An exception is a trap of the WASM engine, after which its memory cannot
 * be trusted: the thread ends, as a PostgreSQL server does when a backend crashes.
 */
const execute = async (batch: Uint8Array): Promise<void> => {
  const parts: Uint8Array<ArrayBuffer>[] = []
  // Without a taker of its own the engine reads each answer too, and keeps all that it ever read.
  await database.execProtocolRawStream(batch, {
    syncToFs: false,
    // It is only lent: the engine writes the next one over it.
    onRawData: part => void parts.push(new Uint8Array(part)),
  })
  const bytes = joined(parts)
  answer({ kind: 'executed', bytes }, [bytes.buffer])
}

function joined(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const whole = new Uint8Array(parts.reduce((bytes, { length }) => bytes + length, 0))
  let filled = 0
  for (const part of parts) {
    whole.set(part, filled)
    filled += part.length
  }
  return whole
}

port.on('message', (request: EngineRequest) => void (request.kind === 'close' ? close() : execute(request.batch)))

answer({ kind: 'ready' })
