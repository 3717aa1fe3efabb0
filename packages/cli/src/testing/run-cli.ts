import { spawn } from 'node:child_process'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { CausewayError } from '@causeway/contracts'

const main = join(import.meta.dirname, '../main.ts')

export type Handler = (request: IncomingMessage, response: ServerResponse) => void

/** A platform of which only some routes are there, by method and path. */
export async function fakePlatform(routes: Record<string, Handler>) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    request.resume()
    const path = new URL(request.url ?? '/', 'http://fake').pathname
    const missing: Handler = (_request, answer) => sendProblem(answer, new CausewayError('not-found', `No ${path}.`))
    const handle = routes[`${request.method} ${path}`] ?? missing
    handle(request, response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

export const send =
  (body: unknown): Handler =>
  (_request, response) =>
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

export function sendProblem(response: ServerResponse, error: CausewayError): void {
  const type = { 'content-type': 'application/problem+json' }
  response.writeHead(error.status, type).end(JSON.stringify(error.toProblem('trace-7')))
}

interface Options {
  env?: Record<string, string>
  input?: string
}

/** Starts the command as a user does. */
export function start(args: string[], { env = {}, input = '' }: Options = {}) {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: import.meta.dirname,
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...env },
  })
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => (output[name] += chunk))
  child.stdin.on('error', () => undefined).end(input)
  const ended = new Promise<typeof output & { code: number | null }>(resolve =>
    child.once('close', code => resolve({ ...output, code })),
  )
  return { child, output, ended }
}

/** Runs the command to its end. */
export const causeway = (args: string[], options?: Options) => start(args, options).ended
