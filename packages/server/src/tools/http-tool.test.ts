import { ToolSpec, type CausewayError } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { createEgress } from '../egress/index.ts'
import { answerJson, fakeUpstream } from '../models/testing/fake-upstream.ts'
import { createHttpTool, requestOf } from './http-tool.ts'
import { CallRefused } from './tool-call.ts'

test('arguments in a URL stay inside their segment', () => {
  const http = (url: string) => ({ type: 'http' as const, method: 'GET' as const, url, headers: {} })
  const { url } = requestOf(http('https://shop.example/orders/{id}'), { id: '../admin?x=1#y', note: 'a&b' })
  expect(url.href).toBe('https://shop.example/orders/..%2Fadmin%3Fx%3D1%23y?note=a%26b')
  expect(() => requestOf(http('https://shop.example/orders/{id}/x'), { id: '..' })).toThrow('cannot stand in the URL')
  expect(() => requestOf(http('https://shop.example/orders/{id}'), { id: { a: 1 } })).toThrow('must be a string')
})

test('a read over a connection that the tool has closed meanwhile is sent again over another; a call with an effect has one of its own [B3.retry-only-idempotent, A4.no-repeated-effects]', async () => {
  const sockets = new Map<unknown, number>()
  await using tool = await fakeUpstream(response => {
    const before = sockets.get(response.socket) ?? 0
    sockets.set(response.socket, before + 1)
    if (before > 0) response.socket?.destroy()
    else answerJson(response, { ok: true })
  })
  const egress = createEgress({ allowed: ['127.0.0.1:*'] })
  const secrets = { ready: async () => {}, resolve: () => '', redact: (text: string) => text }
  const { attempt } = createHttpTool({ secrets, egress, signIn: async () => ({}) } as never)
  const call = (effect: 'read' | 'write'): Promise<unknown> => {
    const spec = {
      description: 'x',
      input: { type: 'object' },
      effect,
      implementation: { type: 'http', url: tool.url },
    }
    const made = { scope: {}, tool: 'look', spec: ToolSpec.parse(spec), arguments: {}, effectKey: 'key' }
    return attempt(made as never, AbortSignal.timeout(5_000))
  }
  expect([await call('read'), await call('read'), await call('write')]).toEqual([
    { ok: true },
    { ok: true },
    { ok: true },
  ])
  expect([tool.requests.length, [...sockets.values()]]).toEqual([4, [2, 1, 1]])
  await egress.close()
})

test('what a tool says against a call is told from what passes, and when to come again is heard [B3.retries]', async () => {
  const answers: [status: number, headers: Record<string, string>][] = [
    [404, {}],
    [429, { 'retry-after': '2' }],
    [503, { 'retry-after': new Date(Date.now() + 10_000).toUTCString() }],
    [500, { 'retry-after': 'soon' }],
  ]
  await using tool = await fakeUpstream(response => {
    const [status, headers] = answers[tool.requests.length - 1] ?? [200, {}]
    response.writeHead(status, headers).end('{}')
  })
  const egress = createEgress({ allowed: ['127.0.0.1:*'] })
  const secrets = { ready: async () => {}, resolve: () => '', redact: (text: string) => text }
  const { attempt } = createHttpTool({ secrets, egress, signIn: async () => ({}) } as never)
  const spec = ToolSpec.parse({
    description: 'x',
    input: { type: 'object' },
    effect: 'read',
    implementation: { type: 'http', url: tool.url },
  })
  const failures: CausewayError[] = []
  for (const _ of answers)
    await attempt(
      { scope: {}, tool: 'look', spec, arguments: {}, effectKey: 'key' } as never,
      AbortSignal.timeout(5_000),
    ).catch((error: CausewayError) => failures.push(error))
  expect(failures.map(({ cause }) => cause instanceof CallRefused)).toEqual([true, false, false, false])
  const [, busy, down, vague] = failures.map(({ retryAfterSeconds }) => retryAfterSeconds)
  expect([busy, vague]).toEqual([2, undefined])
  expect(down).toBeGreaterThan(7)
  expect(down).toBeLessThanOrEqual(10)
  await egress.close()
})
