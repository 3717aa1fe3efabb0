/** Serves the tools: `node worker.ts`, with a key in CAUSEWAY_API_KEY that may serve tools. */
import { createClient, worker } from '@causeway/sdk'
import { tools } from './tools.ts'

const { CAUSEWAY_URL: baseUrl = 'http://127.0.0.1:4100', CAUSEWAY_API_KEY: apiKey } = process.env
if (!apiKey)
  throw new Error('Set CAUSEWAY_API_KEY: causeway keys create my-worker --role developer --right tools:serve')
const running = worker({ client: createClient({ baseUrl, apiKey }), tools, log: message => console.log(message) })
process.once('SIGINT', () => void running.close()).once('SIGTERM', () => void running.close())
