import { CausewayError, Problem, Team } from '@causeway/contracts'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import type { App } from './index.ts'
import { callerOf, startApp } from './testing/start-app.ts'

const json = { 'content-type': 'application/json' }
const Body = z.strictObject({ name: z.string().min(2), limits: z.object({ steps: z.number().int() }).optional() })

function routes(app: App): void {
  app.post(
    '/v1/things',
    {
      config: { right: 'manifests:write' },
      schema: { tags: ['things'], summary: 'Create', body: Body, querystring: z.object({ n: z.coerce.number() }) },
    },
    async ({ body, caller }) => ({ name: body.name, actor: caller.actor }),
  )
  app.get('/v1/public', { config: { public: true } }, async () => ({ open: true }))
  app.post('/v1/bodyless', { config: { right: 'runs:write' } }, async ({ body }) => ({ body: body ?? null }))
  app.get('/v1/broken', { config: { right: 'runs:read' } }, async () => {
    throw new Error('the password is hunter2')
  })
  app.get('/v1/busy', { config: { right: 'runs:read' } }, async () => {
    throw new CausewayError('rate-limited', 'Too many with hunter2.', { retryAfterSeconds: 7 })
  })
}

async function problemOf(response: Response): Promise<Problem> {
  expect(response.headers.get('content-type')).toBe('application/problem+json; charset=utf-8')
  const problem = Problem.parse(await response.json())
  expect(problem).toMatchObject({ status: response.status, type: `urn:causeway:error:${problem.code}` })
  expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/)
  return problem
}

describe('errors are problem documents', () => {
  test('every kind of wrong request is answered by the same form, with the place of each fault [A1.problem-documents]', async () => {
    await using server = await startApp(routes)
    const post = (body: string, headers: Record<string, string> = json): Promise<Response> =>
      server.request('/v1/things?n=1', { method: 'POST', body, headers })

    const invalid = await problemOf(await post('{"name":"a","limits":{"steps":1.5}}'))
    expect(invalid.code).toBe('invalid-request')
    expect(invalid.problems?.map(({ pointer }) => pointer)).toEqual(['/body/name', '/body/limits/steps'])
    const query = await server.request('/v1/things?n=x', { method: 'POST', body: '{"name":"ab"}', headers: json })
    expect((await problemOf(query)).problems).toMatchObject([{ pointer: '/query/n' }])
    expect((await problemOf(await post(''))).problems).toMatchObject([{ pointer: '/body' }])

    expect((await problemOf(await post('{"name":'))).code).toBe('invalid-json')
    expect((await problemOf(await post('{"name":"ab","__proto__":{}}'))).code).toBe('invalid-json')
    expect((await problemOf(await post('name', { 'content-type': 'text/plain' }))).code).toBe('unsupported-media-type')
    expect((await problemOf(await post(JSON.stringify('x'.repeat(2_100_000))))).code).toBe('payload-too-large')
    expect((await problemOf(await server.request('/v1/nothing'))).code).toBe('not-found')
    expect((await problemOf(await server.request('/v1/%zz'))).code).toBe('invalid-request')
    expect(await (await post('{"name":"ab"}')).json()).toEqual({ name: 'ab', actor: 'user:admin' })
  })

  test('an unknown error shows its trace id and nothing else; the log has the cause [G1.structured-logs]', async () => {
    const lines: string[] = []
    await using server = await startApp(routes, {
      logger: pino({ level: 'info' }, { write: line => void lines.push(line) }),
    })
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` }
    const problem = await problemOf(await server.request('/v1/broken', { headers }))
    expect(problem).toMatchObject({ code: 'internal', status: 500, traceId })
    expect(JSON.stringify(problem)).not.toContain('password')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      traceId,
      route: '/v1/broken',
      err: { message: expect.stringContaining('password') },
    })
  })

  test('a caller hears when to come back, and known secrets are taken out of the text', async () => {
    await using server = await startApp(routes)
    const response = await server.request('/v1/busy')
    expect(response.headers.get('retry-after')).toBe('7')
    expect((await problemOf(response)).detail).toBe('Too many with [secret].')
  })
})

describe('authentication', () => {
  test('a route that names neither a right nor that it is public does not register [H2.every-route-guarded]', async () => {
    await expect(startApp(app => void app.get('/v1/forgotten', async () => ({})))).rejects.toThrow('/v1/forgotten')
  })

  test('without credentials 401, without the right 403, and public routes ask nothing [H2.roles]', async () => {
    await using server = await startApp(routes)
    const body = '{"name":"ab"}'
    const anonymous = await fetch(`${server.url}/v1/things?n=1`, { method: 'POST', body, headers: json })
    expect(anonymous.headers.get('www-authenticate')).toContain('Bearer')
    expect((await problemOf(anonymous)).code).toBe('missing-credentials')
    const viewer = await server.request('/v1/things?n=1', {
      method: 'POST',
      body,
      headers: { ...json, authorization: 'Bearer viewer' },
    })
    expect(await problemOf(viewer)).toMatchObject({
      code: 'missing-right',
      detail: expect.stringContaining('manifests:write'),
    })
    expect((await fetch(`${server.url}/v1/public`)).status).toBe(200)
  })

  test('a body is not read before the caller is known', async () => {
    await using server = await startApp(routes)
    const response = await fetch(`${server.url}/v1/things?n=1`, {
      method: 'POST',
      body: 'x'.repeat(3_000_000),
      headers: json,
    })
    expect(response.status).toBe(401)
  })

  test('a change by cookie must come from the console itself [H2.cross-site-requests-refused]', async () => {
    await using server = await startApp(routes, {
      authenticator: { authenticate: async () => callerOf({ byCookie: true }) },
    })
    const send = async (headers: Record<string, string>): Promise<number> =>
      (await fetch(`${server.url}/v1/bodyless`, { method: 'POST', headers })).status
    const ofConsole = { 'causeway-request': 'console' }
    expect(await send({})).toBe(403)
    expect(await send(json)).toBe(403)
    expect(await send({ ...ofConsole, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await send({ ...ofConsole, 'sec-fetch-site': 'same-site' })).toBe(403)
    expect(await send({ ...ofConsole, origin: 'https://elsewhere.test' })).toBe(403)
    expect(await send({ ...ofConsole, origin: 'null' })).toBe(403)
    expect(await send({ ...ofConsole, 'sec-fetch-site': 'same-origin' })).toBe(200)
    expect(await send({ ...json, origin: server.url })).toBe(200)
    expect(await send(ofConsole)).toBe(200)
  })
})

const Document = z.looseObject({
  paths: z.record(z.string(), z.unknown()),
  components: z.looseObject({ schemas: z.record(z.string(), z.unknown()) }),
})

test('the description of the API is made from the schemas that check it [A1.openapi-document]', async () => {
  await using server = await startApp(app => {
    routes(app)
    app.get(
      '/v1/teams/:id',
      {
        config: { right: 'members:read' },
        schema: { tags: ['teams'], params: z.object({ id: z.string() }), response: { 200: Team } },
      },
      async () => ({ id: 'a', name: 'b', createdAt: new Date().toISOString() }),
    )
  })
  const document = Document.parse(await (await fetch(`${server.url}/openapi.json`)).json())
  expect(document).toMatchObject({
    openapi: '3.1.0',
    info: { title: 'Causeway', version: '1.2.3' },
    security: [{ bearer: [] }, { apiKey: [] }, { consoleSession: [] }],
    paths: {
      '/v1/things': {
        post: {
          operationId: 'postThings',
          tags: ['things'],
          requestBody: {
            content: { 'application/json': { schema: { required: ['name'], additionalProperties: false } } },
          },
          responses: {
            default: { content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } } },
          },
        },
      },
      '/v1/teams/{id}': {
        get: {
          operationId: 'getTeamsById',
          responses: { 200: { content: { 'application/json': { schema: { $ref: '#/components/schemas/Team' } } } } },
        },
      },
    },
    components: { schemas: { Problem: { required: expect.arrayContaining(['code', 'detail', 'remedy']) } } },
  })
  expect(Object.keys(document.paths)).not.toContain('/healthz')
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g)].map(
    ([, name = '']) => name,
  )
  expect(references.filter(name => !(name in document.components.schemas))).toEqual([])
})

describe('operation', () => {
  test('health says that the process is up, readiness that its parts work [G4.health-and-readiness]', async () => {
    let broken = false
    const check = async (): Promise<void> => {
      if (broken) throw new Error('connection refused')
    }
    await using server = await startApp(routes, { checks: [{ name: 'the queue does not answer', check }] })
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    broken = true
    const notReady = await fetch(`${server.url}/readyz`)
    expect(notReady.headers.get('retry-after')).toBe('2')
    expect(await problemOf(notReady)).toMatchObject({
      code: 'not-ready',
      detail: 'Not ready: the queue does not answer.',
    })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  test('requests are counted by route, not by address', async () => {
    await using server = await startApp(routes)
    for (const path of ['/v1/busy', '/v1/nothing/1', '/v1/nothing/2']) await server.request(path)
    const figures = await (await server.request('/metrics')).text()
    expect(figures).toContain('causeway_http_requests_total{method="GET",route="/v1/busy",status="429"} 1')
    expect(figures).toContain('causeway_http_requests_total{method="GET",route="none",status="404"} 2')
  })

  test('figures are for those who may read them; probes need no key [G1.prometheus-metrics, H2.roles]', async () => {
    await using server = await startApp(routes)
    expect(await problemOf(await fetch(`${server.url}/metrics`))).toMatchObject({ code: 'missing-credentials' })
    const asViewer = await server.request('/metrics', { headers: { authorization: 'Bearer viewer' } })
    expect(await problemOf(asViewer)).toMatchObject({ code: 'missing-right' })
    const figures = await server.request('/metrics')
    expect(figures.headers.get('content-type')).toContain('text/plain; version=0.0.4')
    expect(await figures.text()).toContain('# TYPE causeway_http_requests_total counter')
    for (const path of ['/healthz', '/readyz']) expect((await fetch(`${server.url}${path}`)).status).toBe(200)
  })

  test('every answer carries the headers that protect a browser [G2.security-headers]', async () => {
    await using server = await startApp(routes)
    for (const path of ['/', '/v1/busy', '/v1/public']) {
      const { headers } = await server.request(path, { headers: { accept: 'text/html' } })
      expect(headers.get('content-security-policy')).toMatch(/default-src 'self'.*frame-ancestors 'none'/)
      expect(headers.get('content-security-policy')).not.toContain('unsafe')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('no-referrer')
    }
  })

  test('model requests are answered before the web framework', async () => {
    await using server = await startApp(routes, {
      handleModelRequest: (request, response) =>
        request.url === '/v1/chat/completions' && Promise.resolve().then(() => void response.end('from the gateway')),
    })
    expect(await (await fetch(`${server.url}/v1/chat/completions`, { method: 'POST' })).text()).toBe('from the gateway')
    expect((await fetch(`${server.url}/v1/public`)).status).toBe(200)
  })
})
