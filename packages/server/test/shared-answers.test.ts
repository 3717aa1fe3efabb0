import { createClient } from '@redis/client'
import { provider, route } from '@causeway/sdk'
import { createScriptedModel } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { startPlatformProcess } from '../src/testing/platform-process.ts'
import { findRedisServer, startRedisServer } from '../src/testing/redis-server.ts'

const program = findRedisServer(process.env['PATH'] ?? '')
if (program === undefined) process.stderr.write('redis-server is not installed: its tests are left out\n')
const password = 'a-password-of-redis'

async function ask({ url, key }: { url: string; key: string }, content = 'What are your hours?') {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat', messages: [{ role: 'user', content }] }),
  })
  return [response.status, response.headers.get('causeway-cache'), await response.text()]
}

describe.skipIf(program === undefined).each(databaseKinds)('Redis beside %s', kind => {
  test('holds answers for all replicas, sealed; one that was changed is not given, and nobody waits for a Redis that is gone [I6.redis, C5.exact]', async () => {
    await using redis = await startRedisServer(program ?? '', password)
    await using parts = new AsyncDisposableStack()
    const reader = parts.adopt(createClient({ url: redis.url }), each => each.destroy())
    reader.on('error', () => undefined)
    await reader.connect()
    const names = async (): Promise<string[]> => {
      const all: string[] = []
      for await (const some of reader.scanIterator({ MATCH: 'causeway:*' })) all.push(...some)
      return all
    }
    await using model = await createScriptedModel({ respond: (_, index) => ({ text: `From 9 to ${index + 1}.` }) })
    await using store = await createTestStore(kind)
    const settings = { REDIS_URL: redis.url }
    await using first = await startPlatformProcess(store, settings)
    await first.client.manifests.apply({
      manifests: [
        provider({ name: 'scripted', type: 'openai-compatible', baseUrl: model.baseUrl }),
        route({ name: 'chat', targets: [{ provider: 'scripted', model: 'm' }], cache: { ttlSeconds: 600 } }),
      ],
    })
    const [status, , answer] = await ask(first)
    expect(status).toBe(200)
    await expect.poll(names, { timeout: 10_000 }).toHaveLength(1)
    const [name = ''] = await names()
    expect(await reader.pTTL(name)).toBeGreaterThan(500_000)
    expect(`${name} ${await reader.get(name)}`).not.toMatch(/From 9|hours/)

    // A process on the embedded database has it alone, and finds what it kept before it was started again.
    if (kind === 'embedded') await first.terminate()
    await using second = await startPlatformProcess(store, settings)
    await expect.poll(() => ask(second), { timeout: 10_000 }).toEqual([200, 'hit', answer])
    const asked = model.requests.length
    const { key } = await second.client.apiKeys.create({ name: 'other', role: 'developer' })
    expect((await ask({ url: second.url, key }))[1]).toBe('miss')

    // What is written there by others: an answer under another question, and no answer at all.
    await ask(second, 'And on Sundays?')
    await expect.poll(names, { timeout: 10_000 }).toHaveLength(3)
    const others = (await names()).filter(each => each !== name)
    for (const other of others) await reader.set(other, (await reader.get(name)) ?? '')
    await reader.set(name, 'nothing')
    await second.terminate()
    await using third = await startPlatformProcess(store, settings)
    expect((await ask(third))[1]).toBe('miss')
    expect((await ask(third, 'And on Sundays?'))[1]).toBe('miss')
    expect(model.requests).toHaveLength(asked + 4)

    redis.freeze()
    expect((await ask(third, 'And in summer?')).slice(0, 2)).toEqual([200, 'miss'])
    await redis.stop()
    expect((await ask(third, 'And on Mondays?')).slice(0, 2)).toEqual([200, 'miss'])
    expect((await ask(third, 'And on Mondays?')).slice(0, 2)).toEqual([200, 'hit'])
  }, 60_000)
})
