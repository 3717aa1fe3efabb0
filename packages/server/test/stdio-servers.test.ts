import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Manifest, type ManifestInput } from '@causeway/contracts'
import { createScriptedModel, type ScriptedTurn } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { clerkManifests } from '../src/testing/scripted-world.ts'
import { anyKind } from '../src/database/testing/index.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start-test-platform.ts'

const filesystem = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-filesystem/dist/index.js'))
const memory = fileURLToPath(import.meta.resolve('@modelcontextprotocol/server-memory/dist/index.js'))
const modules = resolve(memory, '../../../..')

function hasBubblewrap(): boolean {
  try {
    execFileSync('bwrap', ['--unshare-all', '--ro-bind', '/', '/', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const locked = hasBubblewrap()
if (!locked)
  process.stderr.write('bubblewrap cannot be used here: programs of tool servers are tried without it only.\n')

/** A folder that programs may see, one that they may not, and a platform that knows of both. */
async function start(environment: Record<string, string> = {}) {
  await using parts = new AsyncDisposableStack()
  const folder = parts.adopt(await realpath(await mkdtemp(join(tmpdir(), 'causeway-stdio-'))), path =>
    rm(path, { recursive: true, force: true }),
  )
  const [open, closed] = [join(folder, 'open'), join(folder, 'closed')]
  for (const each of [open, closed]) await mkdir(each)
  await writeFile(join(open, 'note.txt'), 'The Aurora lies at berth 4.')
  await writeFile(join(closed, 'key.txt'), 'nobody may read this')
  const causeway = parts.use(
    await startTestPlatform({
      kind: anyKind,
      environment: {
        CAUSEWAY_STDIO_FOLDERS: `${modules},${open}`,
        CAUSEWAY_SECRET_TOKEN: 'a-secret-of-the-server',
        ...environment,
      },
    }),
  )
  const owned = parts.move()
  return { causeway, open, closed, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const fileServer = (folders: { path: string; writable?: boolean }[], shown: string[]): ManifestInput => ({
  kind: 'ToolServer',
  name: 'files',
  spec: {
    transport: {
      type: 'mcp-stdio',
      command: 'node',
      arguments: [filesystem, ...shown],
      folders: [{ path: modules }, ...folders],
    },
  },
})

/** A server of one tool that runs a program and says what came of it. */
const probe = (source: string, environment = {}): ManifestInput => ({
  kind: 'ToolServer',
  name: 'probe',
  spec: {
    transport: {
      type: 'mcp-stdio',
      command: 'node',
      arguments: ['--input-type=module', '-e', `${source}\n${serving}`],
      environment,
      folders: [{ path: modules }],
    },
  },
})
const serving = `
import { createInterface } from 'node:readline'
const answer = (id, result) => console.log(JSON.stringify({ jsonrpc: '2.0', id, result }))
for await (const line of createInterface({ input: process.stdin })) {
  const { id, method, params } = JSON.parse(line)
  if (method === 'initialize') answer(id, { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'probe', version: '1' } })
  if (method === 'tools/list') answer(id, { tools: [{ name: 'probe', description: 'Probes.', inputSchema: { type: 'object' } }] })
  if (method === 'tools/call') answer(id, { content: [{ type: 'text', text: String(await probe()) }] })
}`

const accept = async ({ admin }: TestPlatform, server: string): Promise<ManifestInput[]> =>
  (await admin.toolServers.tools(server)).flatMap(({ manifest }) => {
    if (!manifest) return []
    const parsed = Manifest.parse(manifest)
    return parsed.kind === 'Tool' ? [{ ...parsed, spec: { ...parsed.spec, effect: 'read', risk: 1 } }] : []
  })

/** What a tool has answered to the call of a model. */
async function resultOf(causeway: TestPlatform, server: string, call: ScriptedTurn): Promise<string> {
  await using model = await createScriptedModel({ turns: [call, { text: 'Done.' }] })
  await causeway.apply(...clerkManifests(model, await accept(causeway, server)))
  const run = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Go.' })
  const events = await causeway.admin.runs.events(run.id)
  const [responded] = events.flatMap(({ type, data }) => (type === 'tool-responded' ? [data] : []))
  return JSON.stringify(responded?.output ?? responded?.error)
}

const calls = (name: string, values: Record<string, unknown> = {}): ScriptedTurn => ({
  toolCalls: [{ name, arguments: values }],
})

async function probed(source: string, environment = {}): Promise<string> {
  await using started = await start()
  const { port } = new URL(started.causeway.url)
  await started.causeway.apply(probe(source, { PORT: port, ...environment }))
  return await resultOf(started.causeway, 'probe', calls('probe-probe'))
}

describe('a program that serves tools over its standard input and output', () => {
  test.runIf(locked)(
    'serves files of the folders that it is shown: server-filesystem [B4.mcp, B4.mcp-stdio]',
    async () => {
      await using started = await start()
      const { causeway, open } = started
      await causeway.apply(fileServer([{ path: open, writable: true }], [open]))
      expect(
        await resultOf(causeway, 'files', calls('files-read-text-file', { path: join(open, 'note.txt') })),
      ).toContain('berth 4')
      await resultOf(causeway, 'files', calls('files-write-file', { path: join(open, 'new.txt'), content: 'Berth 5.' }))
      expect(await readFile(join(open, 'new.txt'), 'utf8')).toBe('Berth 5.')
      await causeway.apply(fileServer([{ path: open }], [open]))
      const refused = await resultOf(
        causeway,
        'files',
        calls('files-write-file', { path: join(open, 'other.txt'), content: 'No.' }),
      )
      expect(refused).toMatch(/EROFS|read-only/i)
      expect(existsSync(join(open, 'other.txt'))).toBe(false)
    },
    60_000,
  )

  test.runIf(locked)(
    'keeps what it knows in a file: server-memory [B4.mcp, B4.mcp-stdio]',
    async () => {
      await using started = await start()
      const { causeway, open } = started
      await causeway.apply({
        kind: 'ToolServer',
        name: 'memory',
        spec: {
          transport: {
            type: 'mcp-stdio',
            command: 'node',
            arguments: [memory],
            environment: { MEMORY_FILE_PATH: join(open, 'memory.jsonl') },
            folders: [{ path: modules }, { path: open, writable: true }],
          },
        },
      })
      const entities = [{ name: 'Aurora', entityType: 'ship', observations: ['lies at berth 4'] }]
      await resultOf(causeway, 'memory', calls('memory-create-entities', { entities }))
      expect(await resultOf(causeway, 'memory', calls('memory-search-nodes', { query: 'Aurora' }))).toContain('berth 4')
    },
    60_000,
  )

  test.runIf(locked).each([
    [
      'other files of the machine',
      `import { readdirSync } from 'node:fs'; const probe = () => [readdirSync('/').join(), readdirSync('/etc').join()].join(' ')`,
      /home|root|passwd|shadow/,
    ],
    ['the platform’s environment', `const probe = () => JSON.stringify(process.env)`, /DATABASE|CAUSEWAY|ADMIN/],
    [
      'other processes',
      `import { readdirSync } from 'node:fs'; const probe = () => readdirSync('/proc').filter(name => Number(name) > 20).join()`,
      /\d/,
    ],
    [
      'the loopback of the machine, or any address',
      `import { networkInterfaces } from 'node:os'; const probe = () => fetch('http://127.0.0.1:' + process.env.PORT).then(() => 'reached', error => Object.keys(networkInterfaces()).join() + error.cause.code)`,
      /reached|eth/,
    ],
  ])(
    'does not see %s [B5.no-host-access, B5.egress]',
    async (_what, source, forbidden) => {
      const result = await probed(source)
      expect(result).not.toContain('tool-failed')
      expect(result).not.toMatch(forbidden)
    },
    60_000,
  )

  test.runIf(locked)(
    'is given its secrets, and what it says of them is taken out',
    async () => {
      expect(await probed(`const probe = () => 'it is ' + process.env.TOKEN`, { TOKEN: { secret: 'TOKEN' } })).toBe(
        '"it is [secret]"',
      )
    },
    60_000,
  )

  test.runIf(locked)(
    'that says too much, or nothing, is a tool that fails, and the platform goes on [B3.size-caps]',
    async () => {
      expect(await probed(`const probe = () => 'x'.repeat(20_000_000)`)).toContain('tool-')
      expect(await probed(`const probe = () => process.exit(1)`)).toContain('tool-')
    },
    60_000,
  )

  test.runIf(locked).each([
    [
      'memory',
      `const kept = []; const probe = async () => { for (let mebibytes = 0; mebibytes < 8000; mebibytes += 100) { kept.push(Buffer.alloc(100 * 2 ** 20, 1)); await new Promise(done => setTimeout(done, 50)) } return 'has it all' }`,
      'more than 1024 MiB in memory',
    ],
    [
      'processes',
      `import { spawn } from 'node:child_process'; const probe = async () => { for (let started = 0; started < 400; started++) { spawn('sleep', ['60']); await new Promise(done => setTimeout(done, 10)) } return 'has them all' }`,
      'started more than 128 processes',
    ],
  ])(
    'that takes more %s than it may is ended, and the model is told why [B5.resource-limits]',
    async (_what, source, why) => {
      const result = await probed(source)
      expect(result).toContain(`The program was ended: it had ${why}`)
    },
    60_000,
  )

  test.runIf(locked)(
    'keeps files in memory in two places only, up to a size [B5.resource-limits]',
    async () => {
      const source = `import { writeFileSync } from 'node:fs'
        const piece = Buffer.alloc(16 * 2 ** 20, 1)
        const fill = folder => { let mebibytes = 0; try { for (let file = 0; mebibytes < 2000; file++) { writeFileSync(folder + '/f' + file, piece); mebibytes += 16 } } catch (error) { return folder + ' ' + error.code + ' ' + mebibytes } return folder + ' took ' + mebibytes }
        const probe = () => ['/tmp', '/dev/shm', '/dev', '/run', '/'].map(fill).join(', ')`
      expect(await probed(source)).toBe('"/tmp ENOSPC 256, /dev/shm ENOSPC 256, /dev EROFS 0, /run EROFS 0, / EROFS 0"')
    },
    60_000,
  )

  test('is shown no folder that the operator has not allowed, by no link either [B4.mcp-stdio]', async () => {
    await using started = await start({ CAUSEWAY_STDIO_UNSANDBOXED: 'tool servers may do what the platform may' })
    const { causeway, open, closed } = started
    await symlink(closed, join(open, 'link'))
    for (const path of [closed, join(open, 'link'), '/', join(open, '../closed')]) {
      await causeway.apply(fileServer([{ path }], [path]))
      await expect(causeway.admin.toolServers.tools('files')).rejects.toMatchObject({ code: 'egress-denied' })
    }
  })

  test('is not started where the operator has not said so, or where there is nothing to lock it up in [B5.no-host-access]', async () => {
    await using started = await start({ CAUSEWAY_STDIO_FOLDERS: '' })
    await started.causeway.apply(fileServer([], []))
    await expect(started.causeway.admin.toolServers.tools('files')).rejects.toMatchObject({
      code: 'sandbox-unavailable',
    })
  })
})
