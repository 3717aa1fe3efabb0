import type { IncomingMessage, ServerResponse } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { listen, readJson, sendJson } from '../testing/listen.ts'
import { createClient } from './create-client.ts'

type Answer = (response: ServerResponse, request: IncomingMessage) => void

/** A server that gives the answers in order, the last one again and again, and keeps what it was asked. */
async function serve(...answers: Answer[]) {
  const requests: { line: string; headers: IncomingMessage['headers']; body: unknown; at: number }[] = []
  const server = await listen(async (request, response) => {
    const body = await readJson(request)
    requests.push({ line: `${request.method} ${request.url}`, headers: request.headers, body, at: performance.now() })
    answers[Math.min(requests.length, answers.length) - 1]?.(response, request)
  })
  return { requests, url: server.url, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() }
}

const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Answer =>
  response => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
    sendJson(response, status, body)
  }

const problem = (code: 'rate-limited' | 'database-unavailable' | 'missing-right', retryAfter?: string): Answer => {
  const error = new CausewayError(code, 'It is so.')
  return json(error.status, error.toProblem('trace-1'), retryAfter === undefined ? {} : { 'retry-after': retryAfter })
}

const me = json(200, { organisation: 'o', environment: 'dev', actor: 'key:a', role: 'admin', rights: [] })

test('a failure that may pass is tried again after the time that the platform asks for [I1.sdk]', async () => {
  await using server = await serve(problem('database-unavailable', '1'), me)
  expect((await createClient({ baseUrl: server.url }).me()).actor).toBe('key:a')
  const [first, second] = server.requests
  expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1000)
})

test('attempts are bounded, and too long a wait is left to the caller', async () => {
  await using server = await serve(problem('rate-limited', '0'))
  await expect(createClient({ baseUrl: server.url, maxRetries: 3 }).me()).rejects.toMatchObject({
    code: 'rate-limited',
  })
  expect(server.requests).toHaveLength(4)

  await using slow = await serve(problem('rate-limited', new Date(Date.now() + 3_600_000).toUTCString()))
  const error: unknown = await createClient({ baseUrl: slow.url })
    .me()
    .catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(CausewayError)
  expect((error as CausewayError).retryAfterSeconds).toBeGreaterThan(3500)
  expect(slow.requests).toHaveLength(1)
})

test('only what has one effect is repeated; a run is started with one key for all attempts [A1.create]', async () => {
  await using server = await serve(
    response => response.destroy(),
    problem('database-unavailable', '0'),
    json(201, { id: 'run_1' }),
  )
  const client = createClient({ baseUrl: server.url })
  expect(await client.runs.create({ agent: 'clerk', input: 'hi' })).toEqual({ id: 'run_1' })
  const keys = server.requests.map(({ headers }) => headers['idempotency-key'])
  expect(keys).toHaveLength(3)
  expect(new Set(keys).size).toBe(1)

  await using once = await serve(response => response.destroy())
  await expect(createClient({ baseUrl: once.url }).manifests.apply({ manifests: [] })).rejects.toThrow(
    'does not answer',
  )
  expect(once.requests).toHaveLength(1)
})

test('a problem document becomes an error with its code, places and trace', async () => {
  const places = [{ pointer: '/body/name', message: 'expected a name' }]
  const document = new CausewayError('invalid-request', '/body/name: expected a name', { problems: places }).toProblem(
    't1',
  )
  await using server = await serve(json(400, document))
  const client = createClient({ baseUrl: server.url })
  await expect(client.teams.create({ name: '?' })).rejects.toMatchObject({
    name: 'CausewayError',
    code: 'invalid-request',
    message: '/body/name: expected a name',
    problems: places,
    traceId: 't1',
  })
})

test.each([
  ['a proxy that gives up', 504, '<html>Gateway Time-out</html>', 'not-ready', /504.*Time-out/],
  [
    'a code of a newer platform',
    409,
    '{"code":"agent-retired","detail":"It is retired."}',
    'conflict',
    /It is retired\., agent-retired/,
  ],
  ['a bare status', 401, '', 'invalid-credentials', /401/],
])('%s is reported by its status, with what it said', async (_name, status, body, code, message) => {
  await using server = await serve(response => response.writeHead(status).end(body))
  const error: unknown = await createClient({ baseUrl: server.url, maxRetries: 0 })
    .me()
    .catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code, message: expect.stringMatching(message) })
})

test('who does not answer, answers late or is somebody else is named with what to do', async () => {
  const closed = await serve(me)
  await closed[Symbol.asyncDispose]()
  await expect(createClient({ baseUrl: closed.url, maxRetries: 0 }).me()).rejects.toThrow(
    `Causeway does not answer at ${closed.url} (ECONNREFUSED). Is it running?`,
  )
  await using silent = await serve(() => undefined)
  await expect(createClient({ baseUrl: silent.url, maxRetries: 0, timeoutMs: 50 }).me()).rejects.toThrow(
    `Causeway at ${silent.url} did not answer within 0.05 s`,
  )
  await using other = await serve(response => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>hello'))
  await expect(createClient({ baseUrl: other.url, maxRetries: 0 }).me()).rejects.toThrow(
    'is not the Causeway API: the answer is text/html',
  )
})

test('the key is never shown, not even when it cannot be sent', () => {
  const make = (): unknown => createClient({ apiKey: 'cw_secret\n' })
  expect(make).toThrow('The API key is empty or has a space')
  expect(make).not.toThrow('cw_secret')
})

test('a path in the address is kept; key, environment, ids and filters arrive', async () => {
  await using server = await serve(
    json(200, { data: [{ id: 'a' }], nextCursor: 'c 1' }),
    json(200, { data: [{ id: 'b' }], nextCursor: null }),
    me,
  )
  const client = createClient({ baseUrl: `${server.url}/causeway`, apiKey: 'cw_1', environment: 'prod' })
  const ids: string[] = []
  for await (const { id } of client.runs.all({ status: 'failed' })) ids.push(id)
  await client.agents.get('a/b')
  expect(ids).toEqual(['a', 'b'])
  expect(server.requests.map(({ line }) => line)).toEqual([
    'GET /causeway/v1/runs?limit=200&status=failed',
    'GET /causeway/v1/runs?limit=200&status=failed&cursor=c+1',
    'GET /causeway/v1/agents/a%2Fb',
  ])
  expect(server.requests[0]?.headers).toMatchObject({ authorization: 'Bearer cw_1', 'causeway-environment': 'prod' })
})
