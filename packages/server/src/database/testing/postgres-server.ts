import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

import { serverUser } from './postgres-binaries.ts'
import { scratchRoot } from './scratch-root.ts'

/** A server of its own for one test run, on a socket in a temporary folder. */
export interface PostgresServer {
  /** URL of the database `postgres` in it, from the beginning; connections succeed once the server is up. */
  readonly url: string
  stop(): Promise<void>
}

/**
 * Ends the server when standard input closes, so that nothing remains of a test run that was killed. A shell lets its background programs
 * ignore SIGINT, so a server that has not set its own handler yet would miss the one signal: it is sent until the server is gone.
 */
const guardian =
  'folder=$1; shift; "$@" & server=$!; cat > /dev/null; while kill -INT "$server" 2> /dev/null; do sleep 0.2; done; rm -rf "$folder"'

/** Nothing of a test run has to survive a power cut. */
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
  shared_buffers: '64MB',
  listen_addresses: '',
}

export interface PostgresOptions {
  binaries: string
  /** Whether what is committed survives a crash of the server, though not one of the machine. */
  durable?: boolean
}

/** Starts the server in the background, because most test files need none; it is up after about two seconds. */
export function startPostgres({ binaries, durable = false }: PostgresOptions): PostgresServer {
  const folder = mkdtempSync(join(durable ? tmpdir() : scratchRoot(), 'causeway-postgres-'))
  const user = serverUser()
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid)
  const data = join(folder, 'data')
  const log = openSync(join(folder, 'log'), 'a')

  const run = async (): Promise<() => Promise<void>> => {
    const prepare = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'trust',
      '-E',
      'UTF8',
      '--locale=C',
      '--no-sync',
      '--no-instructions',
    ]
    await promisify(execFile)(join(binaries, 'initdb'), prepare, { ...user, cwd: folder })
    const options = Object.entries({
      ...settings,
      ...(durable && { synchronous_commit: 'on' }),
      unix_socket_directories: folder,
    })
    const server = [
      join(binaries, 'postgres'),
      '-D',
      data,
      ...options.flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ]
    const child = spawn('sh', ['-c', guardian, 'sh', folder, ...server], {
      ...user,
      cwd: folder,
      stdio: ['pipe', log, log],
    })
    const ended = once(child, 'exit')
    return async () => {
      child.stdin?.end()
      await ended
    }
  }
  const running = run()
  // Reported by stop(); until then the tests that need the server report that it does not answer.
  running.catch(() => undefined)

  return {
    url: `postgresql://postgres@localhost/postgres?host=${encodeURIComponent(folder)}`,
    async stop() {
      try {
        const end = await running
        await end()
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
}
