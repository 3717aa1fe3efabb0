import { agent, createClient, provider, route, tool, worker } from '@causeway/sdk'
import { createScriptedModel } from '@causeway/sdk/testing'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

test('tools of a worker are served and checked, and each call has a key of its own [B4.worker, I1.sdk, I1.testing-kit]', async () => {
  const seen: { key: string; order: string }[] = []
  const slow = Promise.withResolvers<() => void>()
  const ship = tool({
    name: 'ship',
    description: 'Ships an order',
    effect: 'write',
    risk: 1,
    timeoutSeconds: 20,
    input: z.strictObject({ order: z.string() }),
    output: z.object({ shipped: z.string() }),
    execute: async ({ order }, { idempotencyKey }) => {
      seen.push({ key: idempotencyKey, order })
      if (order === 'broken') throw new Error('the van has a flat tyre')
      if (order === 'slow') await new Promise<void>(slow.resolve)
      return { shipped: order }
    },
  })
  const orders = ['1042', 'broken', 'slow']
  await using model = await createScriptedModel({
    respond: (_request, index) =>
      orders[index] ? { toolCalls: [{ name: 'ship', arguments: { order: orders[index] } }] } : { text: 'done' },
  })
  await using causeway = await startTestPlatform({ kind: 'embedded' })
  await causeway.apply(
    ship.manifest,
    provider({ name: 'scripted', type: 'openai-compatible', baseUrl: model.baseUrl }),
    route({ name: 'clerk', targets: [{ provider: 'scripted', model: 'm' }] }),
    agent({ name: 'clerk', instructions: 'Ship.', model: 'clerk', tools: ['ship'] }),
  )
  const unserved = await causeway.admin.runs.createAndWait({
    agent: 'clerk',
    input: 'nobody serves it yet',
    limits: { steps: 1 },
  })
  expect((await causeway.admin.runs.events(unserved.id)).find(({ type }) => type === 'tool-responded')).toMatchObject({
    data: { outcome: 'failed', error: { code: 'no-worker' } },
  })

  const key = await causeway.admin.apiKeys.create({ name: 'shipping', role: 'developer', rights: ['tools:serve'] })
  const client = createClient({ baseUrl: causeway.url, apiKey: key.key })
  const serving = worker({ client, tools: [ship] })
  await serving.connected
  orders.unshift('nobody')
  const run = causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'ship all' })
  const finish = await slow.promise
  finish()
  const ended = await run
  await serving.close()
  const results = (await causeway.admin.runs.events(ended.id)).flatMap(event =>
    event.type === 'tool-responded' ? [[event.data.outcome, event.data.output ?? event.data.error?.message]] : [],
  )
  expect(results).toEqual([
    ['completed', { shipped: '1042' }],
    ['failed', 'the van has a flat tyre'],
    ['completed', { shipped: 'slow' }],
  ])
  expect(new Set(seen.map(each => each.key)).size).toBe(3)
  await expect(client.runs.list()).rejects.toMatchObject({ code: 'missing-right' })
})
