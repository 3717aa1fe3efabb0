import { expect, test } from 'vitest'
import { createToolWorld } from './tool-world.ts'

const call = (url: string, values: object, key?: string): Promise<Response> =>
  fetch(url, { method: 'POST', body: JSON.stringify(values), headers: key ? { 'idempotency-key': key } : {} })

test('a world counts what really happened: repetitions with one key have one effect [I1.testing-kit]', async () => {
  await using world = await createToolWorld({
    state: { refunded: 0 },
    tools: { refund: ({ amount }, state) => ({ total: (state.refunded += Number(amount)) }) },
    faults: { refund: ['cut-after-effect', { status: 503 }] },
  })
  const url = `${world.url}/refund`
  await expect(call(url, { amount: 5 }, 'one')).rejects.toThrow('fetch failed')
  expect((await call(url, { amount: 5 }, 'one')).status).toBe(503)
  expect(await (await call(url, { amount: 5 }, 'one')).json()).toEqual({ total: 5 })
  expect(await (await call(url, { amount: 5 }, 'two')).json()).toEqual({ total: 10 })
  expect(world.state.refunded).toBe(10)
  expect(world.effects('refund')).toBe(2)
  expect(world.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual(['one', 'one', 'two'])
})

test('calls without a key are each their own; queries are arguments; errors are told', async () => {
  await using world = await createToolWorld({
    tools: {
      count: () => null,
      find: ({ order }) => {
        if (order === '0') throw new Error('There is no order 0.')
        return { order }
      },
    },
    faults: { count: [{ delayMs: 100 }] },
  })
  const startedAt = performance.now()
  await call(`${world.url}/count`, {})
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(99)
  await call(`${world.url}/count`, {})
  expect(world.effects('count')).toBe(2)
  expect(await (await fetch(`${world.url}/find?order=7`)).json()).toEqual({ order: '7' })
  const failed = await call(`${world.url}/find`, { order: '0' })
  expect([failed.status, await failed.json()]).toEqual([500, { error: 'There is no order 0.' }])
  expect((await call(`${world.url}/toString`, {})).status).toBe(404)
  expect((await call(`${world.url}/find`, [])).status).toBe(400)
})
