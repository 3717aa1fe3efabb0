import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'

/** What the thread of an engine is started with. */
export interface EngineStart {
  folder: string
  program: object
}
export type EngineRequest = { kind: 'execute'; batch: Uint8Array } | { kind: 'close' }
export type EngineAnswer = { kind: 'ready' } | { kind: 'executed'; bytes: Uint8Array }

/** PostgreSQL compiled to WASM (PGlite) in a worker thread, so that its work never blocks the event loop. */
export interface Engine {
  /**
   * Runs one batch of wire-protocol messages; one at a time. Rejects only when the engine is lost, which it is also
   * when the batch takes longer than `limitMs`: a thread that computes cannot be interrupted otherwise.
   */
  execute(batch: Uint8Array, limitMs?: number): Promise<Buffer>
  /** Settles when the engine has ended, with the error if it ended unasked. */
  readonly ended: Promise<Error | undefined>
  /** Closes the files and ends the thread; an engine that does not within 10 s is terminated. */
  close(): Promise<void>
}

/** Its types come with those of the DOM, which this code does not run in. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> }

/** Compiled once for all engines of a process: each would else spend seconds of a processor on it. */
let compiled: Promise<object> | undefined
const compile = (): Promise<object> =>
  (compiled ??= readFile(new URL('./pglite.wasm', import.meta.resolve('@electric-sql/pglite'))).then(bytes =>
    WebAssembly.compile(bytes),
  ))

const closeLimitMs = 10_000

/** Starts the engine over a folder that it creates when it is missing (about 3 s; later starts take about 0.3 s). */
export async function startEngine({ folder }: { folder: string }): Promise<Engine> {
  const worker = new Worker(new URL('./engine-worker.ts', import.meta.url), {
    workerData: { folder, program: await compile() } satisfies EngineStart,
  })
  const ready = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<Error | undefined>()
  let waiting: PromiseWithResolvers<Buffer> | undefined
  let closing = false
  let lost: Error | undefined

  const lose = (error: Error): void => {
    lost ??= error
    ready.reject(lost)
    waiting?.reject(lost)
    waiting = undefined
    ended.resolve(closing ? undefined : lost)
  }
  worker.on('error', cause => {
    lost ??= new Error('The embedded database engine failed', { cause })
  })
  // Not before the thread is gone: the next engine must not open the files while this one can still write to them.
  worker.on('exit', () => lose(new Error('The embedded database engine has ended')))
  worker.on('message', (answer: EngineAnswer) => {
    if (answer.kind === 'ready') return ready.resolve()
    const { buffer, byteOffset, byteLength } = answer.bytes
    waiting?.resolve(Buffer.from(buffer, byteOffset, byteLength))
    waiting = undefined
  })
  const post = (request: EngineRequest): void => worker.postMessage(request, [])
  await ready.promise

  return {
    ended: ended.promise,
    async execute(batch, limitMs) {
      if (closing) throw new Error('The embedded database is closed')
      if (lost !== undefined) throw lost
      if (waiting !== undefined) throw new Error('The embedded database runs one batch at a time')
      waiting = Promise.withResolvers()
      post({ kind: 'execute', batch })
      const { promise } = waiting
      if (limitMs === undefined) return promise
      const limit = setTimeout(() => {
        lost = new Error(`The embedded database was stopped because a statement took longer than ${limitMs / 1000} s`)
        void worker.terminate()
      }, limitMs)
      return promise.finally(() => clearTimeout(limit))
    },
    async close() {
      if (!closing) post({ kind: 'close' })
      closing = true
      const limit = setTimeout(() => void worker.terminate(), closeLimitMs)
      await ended.promise
      clearTimeout(limit)
    },
  }
}
