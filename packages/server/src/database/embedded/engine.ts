import { Worker } from 'node:worker_threads'

export type EngineRequest = { kind: 'execute'; batch: Uint8Array } | { kind: 'close' }
export type EngineAnswer = { kind: 'ready' } | { kind: 'executed'; bytes: Uint8Array } | { kind: 'closed' }

/** PostgreSQL compiled to WASM (PGlite) in a worker thread, so that its work never blocks the event loop. */
export interface Engine {
  /** Runs one batch of wire-protocol messages; one at a time. Rejects only when the engine is lost. */
  execute(batch: Uint8Array): Promise<Buffer>
  /** Settles when the engine has ended, with the error if it ended unasked. */
  readonly ended: Promise<Error | undefined>
  close(): Promise<void>
}

const closeDeadlineMs = 10_000

/** Starts the engine over a folder that it creates when it is missing (about 4 s; later starts take about 1 s). */
export async function startEngine({ folder }: { folder: string }): Promise<Engine> {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), { workerData: { folder } })
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Error | undefined>()
  let waiting: PromiseWithResolvers<Buffer> | undefined
  let closing = false

  const lose = (error: Error): void => {
    ready.reject(error)
    waiting?.reject(error)
    waiting = undefined
    ended.resolve(closing ? undefined : error)
  }
  worker.on('error', cause => lose(new Error('The embedded database engine failed', { cause })))
  worker.on('exit', () => lose(new Error('The embedded database engine has ended')))
  worker.on('message', (answer: EngineAnswer) => {
    if (answer.kind === 'ready') ready.resolve()
    if (answer.kind !== 'executed') return
    const { buffer, byteOffset, byteLength } = answer.bytes
    waiting?.resolve(Buffer.from(buffer, byteOffset, byteLength))
    waiting = undefined
  })
  const post = (request: EngineRequest): void => worker.postMessage(request)
  await ready.promise

  return {
    ended: ended.promise,
    execute(batch) {
      if (waiting !== undefined) throw new Error('The embedded database runs one batch at a time')
      waiting = Promise.withResolvers()
      const { promise } = waiting
      if (closing) lose(new Error('The embedded database is closed'))
      else post({ kind: 'execute', batch })
      return promise
    },
    async close() {
      if (closing) return void (await ended.promise)
      closing = true
      post({ kind: 'close' })
      const deadline = setTimeout(() => void worker.terminate(), closeDeadlineMs)
      await ended.promise
      clearTimeout(deadline)
    },
  }
}
