import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const main = join(import.meta.dirname, '../../packages/server/src/main.ts')

/** Milliseconds from the start of a process on an existing store until it takes requests. */
export async function startUp(location: { url: string | undefined; dataFolder: string }): Promise<number[]> {
  const startedAt = performance.now()
  const child = spawn(process.execPath, [main], {
    env: {
      PATH: process.env['PATH'],
      CAUSEWAY_DATA: location.dataFolder,
      CAUSEWAY_PORT: '0',
      CAUSEWAY_DRAIN_SECONDS: '0',
      ...(location.url !== undefined && { DATABASE_URL: location.url }),
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const took = performance.now() - startedAt
  child.kill('SIGTERM')
  await once(child, 'exit')
  return [took]
}
