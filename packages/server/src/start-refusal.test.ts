import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { startPlatformProcess } from './testing/platform-process.ts'
import { createTestStore, databaseKinds } from './database/testing/index.ts'

/** Starts a replica that must not come up. @returns what it says before it ends with an exit code that is not zero */
async function refusal(environment: Record<string, string>): Promise<string> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      CAUSEWAY_PORT: '0',
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
    timeout: 30_000,
    killSignal: 'SIGKILL',
  })
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')])
  expect(code).toBe(1)
  return said
}

function createFolder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'causeway-refusal-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, '127.0.0.1'), 'listening')
  return (server.address() as AddressInfo).port
}

test('a setting that cannot be used', async () => {
  expect(await refusal({ CAUSEWAY_PORT: 'abc' })).toBe(
    'CAUSEWAY_PORT cannot be used: expected a port number from 0 to 65535, got "abc".\n',
  )
})

test('a port in use, and a host of another machine', async () => {
  using folder = createFolder()
  await using server = createServer()
  const port = await listen(server)
  expect(await refusal({ CAUSEWAY_DATA: folder.path, CAUSEWAY_PORT: String(port) })).toBe(
    `Port ${port} is in use. Stop what uses it, or set CAUSEWAY_PORT to another port.\n`,
  )
  // An address of the range for documentation, which no machine has.
  expect(await refusal({ CAUSEWAY_DATA: folder.path, CAUSEWAY_HOST: '192.0.2.1' })).toBe(
    '192.0.2.1 is not an address of this machine. Set CAUSEWAY_HOST to one that is, such as 127.0.0.1 or 0.0.0.0.\n',
  )
})

test('a data folder that is in use', async () => {
  await using store = await createTestStore('embedded')
  await using first = await startPlatformProcess(store)
  expect(await refusal({ CAUSEWAY_DATA: store.dataFolder })).toMatch(
    /^The data folder .* is in use by process \d+; stop that one first, .* CAUSEWAY_DATA .*\.\n$/,
  )
  expect(await first.client.me()).toMatchObject({ role: 'admin' })
})

test('a data folder that cannot be made', async () => {
  using folder = createFolder()
  writeFileSync(join(folder.path, 'file'), '')
  expect(await refusal({ CAUSEWAY_DATA: join(folder.path, 'file', 'below') })).toMatch(
    /^The data folder .*below cannot be written: .* Set CAUSEWAY_DATA to one that can\.\n$/,
  )
  expect(await refusal({ CAUSEWAY_DATA: '/proc/causeway' })).toMatch(
    /^The data folder \/proc\/causeway cannot be written: ENOENT.* Set CAUSEWAY_DATA to one that can\.\n$/,
  )
})

test('a data folder that holds a damaged database', async () => {
  await using store = await createTestStore('embedded')
  writeFileSync(join(store.dataFolder, 'database', 'PG_VERSION'), 'nonsense')
  expect(await refusal({ CAUSEWAY_DATA: store.dataFolder })).toMatch(
    /^The embedded database in .* does not start: .*\.\n$/,
  )
})

test.skipIf(!databaseKinds.includes('postgresql'))('an admin key that cannot be left in its place', async () => {
  await using store = await createTestStore('postgresql')
  using folder = createFolder()
  writeFileSync(join(folder.path, 'file'), '')
  expect(await refusal({ DATABASE_URL: store.url ?? '', CAUSEWAY_DATA: join(folder.path, 'file', 'below') })).toMatch(
    /^\S*below cannot be used \(ENOTDIR: .*\)\. Free it, or set CAUSEWAY_DATA to another folder\.\n$/,
  )
})

test('a database server that is not there, or refuses', async () => {
  await using server = createServer()
  const port = await listen(server)
  server.close()
  const url = `postgresql://causeway:hunter2@127.0.0.1:${port}/causeway`
  expect(await refusal({ DATABASE_URL: url })).toMatch(
    /^The database of DATABASE_URL does not answer \(connect ECONNREFUSED .*\)\. Start it, .*\.\n$/,
  )

  await using refusing = createServer(socket => socket.once('data', () => socket.end(fatal('no such user'))))
  const refused = await refusal({ DATABASE_URL: `postgresql://causeway:hunter2@127.0.0.1:${await listen(refusing)}/x` })
  expect(refused).toBe(
    'The database of DATABASE_URL refuses: no such user. Correct DATABASE_URL or the rights of its user.\n',
  )
})

/** PostgreSQL's message ErrorResponse: https://www.postgresql.org/docs/current/protocol-message-formats.html */
function fatal(message: string): Buffer {
  const fields = Buffer.from(`SFATAL\0VFATAL\0C28P01\0M${message}\0\0`)
  const head = Buffer.from('E\0\0\0\0')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
