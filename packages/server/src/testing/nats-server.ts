import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { freePort } from './free-port.ts'

/** A server of NATS with JetStream, as its package has it. */
export interface NatsServer extends AsyncDisposable {
  /** Such as `127.0.0.1:4222`. */
  readonly address: string
  stop(): Promise<void>
  start(): Promise<void>
}

/** Where the program is; undefined where it is not on this machine. */
export const findNatsServer = (path: string): string | undefined =>
  [...path.split(delimiter), '/usr/sbin'].map(folder => join(folder, 'nats-server')).find(file => existsSync(file))

/** Starts one that asks for a token, on a port of its own, which it keeps when it is started again. */
export async function startNatsServer(program: string, token: string): Promise<NatsServer> {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-nats-'))
  const port = await freePort()
  let child: ReturnType<typeof run> | undefined

  function run() {
    return spawn(program, ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder, '--auth', token], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  const start = async (): Promise<void> => {
    child = run()
    for await (const chunk of child.stderr) if (String(chunk).includes('Server is ready')) break
  }
  const stop = async (): Promise<void> => {
    if (!child || child.exitCode !== null) return
    const exit = once(child, 'exit')
    child.kill()
    await exit
  }
  await start()
  return {
    address: `127.0.0.1:${port}`,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
