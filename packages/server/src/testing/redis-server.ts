import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './free-port.ts'

/** A server of Redis that keeps nothing on disk. */
export interface RedisServer extends AsyncDisposable {
  /** With its password. */
  readonly url: string
  /** Stops the process where it is: it takes connections and answers nothing. */
  freeze(): void
  stop(): Promise<void>
}

/** Where the program is; undefined where it is not on this machine. */
export const findRedisServer = (path: string): string | undefined =>
  path
    .split(delimiter)
    .map(folder => join(folder, 'redis-server'))
    .find(file => existsSync(file))

/** Starts one on a port of its own. */
export async function startRedisServer(program: string, password: string): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-redis-'))
  const port = await freePort()
  const settings = { bind: '127.0.0.1', port: String(port), dir: folder, save: '', requirepass: password }
  const child = spawn(
    program,
    Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]),
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  const exit = once(child, 'exit')
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept connections')) break
  const stop = async (): Promise<void> => {
    // One that is frozen heeds no other.
    child.kill('SIGKILL')
    await exit
  }
  return {
    url: `redis://:${password}@127.0.0.1:${port}`,
    freeze: () => void child.kill('SIGSTOP'),
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
