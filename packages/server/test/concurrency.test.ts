import { describe, expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { answerJson, fakeUpstream } from '../src/models/testing/fake-upstream.ts'
import { startPlatformProcess, type PlatformProcess } from '../src/testing/platform-process.ts'

const limit = 4

const manifests = (baseUrl: string): ManifestInput[] => [
  { kind: 'Provider', name: 'slow', spec: { type: 'openai-compatible', baseUrl: `${baseUrl}/v1` } },
  { kind: 'Budget', name: 'at-once', spec: { window: 'day', limits: { concurrent: limit } } },
]

const completion = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Done.' } }],
  usage: { prompt_tokens: 10, completion_tokens: 2, total_tokens: 12 },
}

/** A provider that takes its time and counts the calls that it has at once. */
async function slowProvider(milliseconds: number) {
  let underWay = 0
  let most = 0
  const upstream = await fakeUpstream(response => {
    most = Math.max(most, ++underWay)
    setTimeout(() => {
      underWay--
      answerJson(response, completion)
    }, milliseconds)
  })
  return Object.assign(upstream, { most: () => most })
}

const ask = ({ url, key }: PlatformProcess): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'slow/m', messages: [{ role: 'user', content: 'Hello' }] }),
  })

describe.each(databaseKinds)('a limit on calls at once, on %s', kind => {
  test(
    'holds over all replicas; refused calls may come back soon; slots of a killed replica are free again [C4.quotas, C4.concurrency]',
    { timeout: 90_000 },
    async () => {
      await using upstream = await slowProvider(150)
      await using store = await createTestStore(kind)
      const replicas: PlatformProcess[] = []
      try {
        for (let replica = 0; replica < (kind === 'postgresql' ? 3 : 1); replica++)
          replicas.push(await startPlatformProcess(store))
        const [first] = replicas
        if (!first) throw new Error('no replica')
        await first.client.manifests.apply({ manifests: manifests(upstream.url) })
        await new Promise(resolve => setTimeout(resolve, 700))

        const statuses: number[] = []
        await Promise.all(
          Array.from({ length: 12 }, async (_, caller) => {
            for (let round = 0; round < 10; round++) {
              const response = await ask(replicas[caller % replicas.length] ?? first)
              statuses.push(response.status)
              if (response.status === 429) {
                expect(response.headers.get('retry-after')).toBe('1')
                expect(await response.json()).toMatchObject({
                  error: { code: 'rate-limited', message: expect.stringContaining('allows 4 calls at once') },
                })
                await new Promise(resolve => setTimeout(resolve, 50))
              } else await response.text()
            }
          }),
        )
        expect(new Set(statuses)).toEqual(new Set([200, 429]))
        expect(upstream.most()).toBe(limit)
        await new Promise(resolve => setTimeout(resolve, 300))
        const alone = await ask(first)
        expect(alone.headers.get('ratelimit-policy')).toBe('"at-once-concurrent-requests";q=4;qu="concurrent-requests"')
        expect(alone.headers.get('ratelimit')).toBe('"at-once-concurrent-requests";r=3')
        await alone.text()
        await expect
          .poll(async () => (await first.client.usage()).budgets[0])
          .toMatchObject({ used: { concurrent: 0 }, limits: { concurrent: limit } })

        // All slots are taken by a replica that dies.
        const dying = replicas.at(-1) ?? first
        const lost = Array.from({ length: limit }, () => ask(dying).catch(() => undefined))
        await new Promise(resolve => setTimeout(resolve, 100))
        await dying.crash()
        await Promise.all(lost)
        replicas.push(await startPlatformProcess(store))
        const survivor = replicas.at(-1) ?? first
        let freeAgain = false
        for (let round = 0; round < 60 && !freeAgain; round++) {
          freeAgain = (await ask(survivor)).status === 200
          if (!freeAgain) await new Promise(resolve => setTimeout(resolve, 250))
        }
        expect(freeAgain).toBe(true)
      } finally {
        for (const replica of replicas) await replica.terminate()
      }
    },
  )
})
