/** Serves the tools of the support example: `node examples/support/worker.ts`. */
import { createClient, worker, type RunningWorker } from '@causeway/sdk'
import { tools } from './tools.ts'

/** Starts the worker. */
export const startSupport = (options: {
  baseUrl: string
  apiKey: string
  log?: (message: string) => void
}): RunningWorker => worker({ client: createClient(options), tools, ...(options.log && { log: options.log }) })

if (import.meta.main) {
  const { CAUSEWAY_URL = 'http://127.0.0.1:4100', CAUSEWAY_API_KEY: apiKey } = process.env
  if (!apiKey) throw new Error('Set CAUSEWAY_API_KEY to a key with the right tools:serve.')
  const running = startSupport({ baseUrl: CAUSEWAY_URL, apiKey, log: message => console.log(message) })
  process.once('SIGINT', () => void running.close()).once('SIGTERM', () => void running.close())
}
