import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '@causeway/sdk'
import type { TestStore } from '../database/testing/index.ts'

/** A platform in a process of its own, to be killed. */
export interface PlatformProcess extends AsyncDisposable {
  readonly client: Client
  readonly url: string
  /** API key of the administrator. */
  readonly key: string
  /** Ends the process as a crash does: without a chance to clean up. */
  crash(): Promise<void>
  /** Stops the process where it is, until `thaw`. */
  freeze(): void
  thaw(): void
  /** Asks the process to stop, and waits until it has. @returns its exit code */
  terminate(): Promise<number | null>
}

const main = join(import.meta.dirname, '../main.ts')

/**
 * Starts the platform on the store.
 * @param program the main module of another release
 * @throws Error with what it printed when it does not come up
 */
export async function startPlatformProcess(
  store: TestStore,
  environment: Record<string, string> = {},
  program = main,
): Promise<PlatformProcess> {
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      CAUSEWAY_DATA: store.dataFolder,
      CAUSEWAY_PORT: '0',
      CAUSEWAY_LOG_LEVEL: 'error',
      ...(store.url !== undefined && { DATABASE_URL: store.url }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const url = await addressOf(child)
  const apiKey = readFileSync(join(store.dataFolder, 'admin-key'), 'utf8').trim()
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
    const exit = once(child, 'exit')
    child.kill(signal)
    await exit
    return child.exitCode
  }
  return {
    url,
    key: apiKey,
    client: createClient({ baseUrl: url, apiKey }),
    crash: async () => void (await end('SIGKILL')),
    freeze: () => void child.kill('SIGSTOP'),
    thaw: () => void child.kill('SIGCONT'),
    terminate: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => void (await end('SIGKILL')),
  }
}

function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const read = (chunk: Buffer): void => {
      output += chunk.toString()
      const url = /listens on (\S+)/.exec(output)?.[1]
      if (url) resolve(url)
    }
    child.stdout?.on('data', read)
    child.stderr?.on('data', read)
    child.once('exit', code => reject(new Error(`the platform ended with ${code}: ${output}`)))
  })
}
