import { Worker } from 'node:worker_threads'
import type { ExecuteProtocol } from './session.ts'
import type { WorkerAnswer, WorkerRequest } from './pglite-worker.ts'

/** The database thread: runs messages of the wire protocol and closes. */
export interface DatabaseWorker {
  execute: ExecuteProtocol
  close(): Promise<void>
}

type Request = { messages: Uint8Array } | { close: true }

/** Starts the thread and opens (or creates) the database in the folder. @param onCrash called once if the thread ends by itself. */
export async function openWorker(folder: string, onCrash: (error: Error) => void): Promise<DatabaseWorker> {
  const worker = new Worker(new URL('./pglite-worker.ts', import.meta.url), { workerData: folder })
  const pending = new Map<number, { resolve: (answer: Buffer) => void; reject: (error: Error) => void }>()
  let lastId = 0
  let closing = false

  const opened = new Promise<Buffer>((resolve, reject) => pending.set(0, { resolve, reject }))
  worker.on('message', ({ id, answer, error }: WorkerAnswer) => {
    const waiting = pending.get(id)
    pending.delete(id)
    if (error === undefined) waiting?.resolve(Buffer.from(answer ?? new Uint8Array()))
    else waiting?.reject(new Error(error))
  })
  const crash = (error: Error): void => {
    for (const { reject } of pending.values()) reject(error)
    pending.clear()
    if (!closing) onCrash(error)
    closing = true
  }
  worker.on('error', error => crash(error instanceof Error ? error : new Error(String(error))))
  worker.on('exit', code => crash(new Error(`the thread of the embedded database ended with code ${code}`)))
  await opened

  const request = (body: Request): Promise<Buffer> =>
    new Promise((resolve, reject) => {
      if (closing && !('close' in body)) return reject(new Error('the embedded database is closed'))
      const id = ++lastId
      pending.set(id, { resolve, reject })
      worker.postMessage({ id, ...body } satisfies WorkerRequest)
    })

  return {
    execute: messages => request({ messages: new Uint8Array(messages) }),
    async close() {
      closing = true
      await request({ close: true })
      await worker.terminate()
    },
  }
}
