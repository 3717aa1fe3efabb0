/** What the README says of the first minutes, done as it says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { expect, test } from 'vitest'
import { freePort } from '../packages/server/src/testing/free-port.ts'

const root = join(import.meta.dirname, '..')
const programs = join(root, 'node_modules/.bin')

/** A machine on which nothing is set: no account, no key, no server. */
function newcomer(port: number) {
  const folder = mkdtempSync(join(tmpdir(), 'causeway-start-'))
  const env = {
    PATH: `${programs}${delimiter}${process.env['PATH']}`,
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
    NO_COLOR: '1',
    CAUSEWAY_DATA: join(folder, '.causeway'),
    CAUSEWAY_PORT: String(port),
  }
  const type = (command: string) => {
    const child = spawn('sh', ['-c', `exec ${command}`], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()))
    return { child, said: () => said, ended: once(child, 'close').then(() => said) }
  }
  return { type, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) }
}

/** The commands in the README, without what it says of them. */
const commands = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([^]*?)```/g)]
  .flatMap(([, block = '']) => block.trim().split('\n'))
  .map(line => line.replace(/\s+#.*$/, ''))
const commandWith = (part: string): string => {
  const command = commands.find(each => each.includes(part))
  if (command === undefined) throw new Error(`The README has no command with ${part}`)
  return command
}

const ollamaPort = 11_434

/** A server that answers as Ollama does, where Ollama listens. */
async function ollama(said: string): Promise<AsyncDisposable> {
  const answer = (response: ServerResponse): void => {
    const chunk = (delta: object, finish: string | null = null): string =>
      `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'qwen3', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.end(`${chunk({ role: 'assistant', content: said })}${chunk({}, 'stop')}data: [DONE]\n\n`)
  }
  const server = createServer((request, response) => {
    request.resume()
    if (request.method === 'POST') request.once('end', () => answer(response))
    else response.setHeader('content-type', 'application/json').end('{"object":"list","data":[{"id":"qwen3"}]}')
  })
  await once(server.listen(ollamaPort, '127.0.0.1'), 'listening')
  return {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** Where a model runs already, the examples are no rehearsal, and what follows would be said by it. */
const hasModel = await new Promise<boolean>(resolve => {
  const socket = connect(ollamaPort, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false))
  socket.once('connect', () => socket.destroy())
})
if (hasModel) process.stderr.write(`Something listens on port ${ollamaPort}: the first minutes are not tried.\n`)

test.skipIf(hasModel)(
  'a newcomer starts everything with one command, runs an agent, and a model on the machine is found [I1.two-commands, I1.no-account, I4.quick-start, C2.discovery-on-loopback]',
  { timeout: 180_000 },
  async () => {
    using machine = newcomer(await freePort())
    const platform = machine.type(commandWith('npm start'))
    try {
      await expect.poll(platform.said, { timeout: 120_000, interval: 200 }).toContain('Causeway is ready')
      const told = await machine.type(commandWith('npx causeway run support "Where')).ended
      expect(told).toContain('Order 1042 is packing and arrives Friday.')
      expect(told).toMatch(/rehearsal/i)
      const changing = machine.type(commandWith('npx causeway run support "Please'))
      const whatToType = (): string => /npx causeway approvals approve \S+/.exec(changing.said())?.[0] ?? ''
      await expect.poll(whatToType, { timeout: 30_000 }).not.toBe('')
      await machine.type(whatToType()).ended
      await changing.ended
      expect(changing.child.exitCode).toBe(0)
      const after = await machine.type(commandWith('npx causeway run support "Where')).ended
      expect(after).toContain('"address":"5 New Road, Bath"')

      await using _ = await ollama('Hello from the model on this machine.')
      await expect
        .poll(() => machine.type(commandWith('npx causeway run research')).ended, { timeout: 40_000 })
        .toContain('Hello from the model on this machine.')
    } finally {
      platform.child.kill('SIGTERM')
      await platform.ended
    }
    expect(platform.said()).toContain('Stopping: running work has a moment to finish.')
  },
)
