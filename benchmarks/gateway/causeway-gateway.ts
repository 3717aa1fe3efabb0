/** The whole platform with everything on: authentication, policy, limits, budget, routing, metering, tracing, audit. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { budget, createClient, provider, route } from '@causeway/sdk'
import { createLogger, readConfig, startPlatform } from '@causeway/server'
import { serveMeasured } from './child.ts'

const [upstream = '', databaseUrl = ''] = process.argv.slice(2)
const dataFolder = mkdtempSync(join(tmpdir(), 'causeway-bench-'))
process.on('exit', () => rmSync(dataFolder, { recursive: true, force: true }))
const platform = await startPlatform({
  config: readConfig({
    CAUSEWAY_DATA: dataFolder,
    CAUSEWAY_PORT: '0',
    CAUSEWAY_LOG_LEVEL: 'silent',
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
  }),
  logger: createLogger({ level: 'silent' }),
  environment: {},
  version: '0',
  consoleFolder: join(dataFolder, 'none'),
})
const key = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
const client = createClient({ baseUrl: platform.url, apiKey: key })
await client.manifests.apply({
  manifests: [
    provider({ name: 'mock', type: 'openai-compatible', baseUrl: `${upstream}/v1` }),
    route({ name: 'chat', targets: [{ provider: 'mock', model: 'gpt-5-mini' }] }),
    provider({ name: 'down', type: 'openai-compatible', baseUrl: `${upstream}/v1` }),
    route({ name: 'down', targets: [{ provider: 'down', model: 'fail' }] }),
    budget({
      name: 'all',
      window: 'month',
      limits: { requests: 100_000_000, tokens: 1_000_000_000_000, usd: 1_000_000, concurrent: 5000 },
    }),
  ],
})
serveMeasured({ url: platform.url, headers: { authorization: `Bearer ${key}` } })
