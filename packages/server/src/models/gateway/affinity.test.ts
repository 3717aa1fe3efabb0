import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'

const answering = () =>
  fakeUpstream((response, { body }) =>
    body.includes('be down')
      ? answerJson(response, { error: { message: 'down' } }, 500)
      : answerJson(response, {
          id: 'a',
          object: 'chat.completion',
          created: 1,
          model: 'm',
          choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'Yes.' } }],
          usage: { prompt_tokens: 2000, completion_tokens: 1, total_tokens: 2001 },
        }),
  )

const names = ['one', 'two', 'three', 'four']
const manifests = (urls: readonly string[], affinity?: boolean): ManifestInput[] => [
  ...names.map((name, index): ManifestInput => ({
    kind: 'Provider',
    name,
    spec: { type: 'openai-compatible', baseUrl: `${urls[index]}/v1` },
  })),
  {
    kind: 'Route',
    name: 'chat',
    spec: {
      targets: names.map(provider => ({ provider, model: 'm' })),
      strategy: 'weighted',
      ...(affinity !== undefined && { affinity }),
    },
  },
]

const system = { role: 'system' as const, content: 'You know all orders. '.repeat(300) }

test('a long conversation keeps to the target that has its prompt, others are spread; without affinity each turn is drawn [C3.affinity, C5.prompt-cache]', async () => {
  await using one = await answering()
  await using two = await answering()
  const urls = [one.url, two.url, one.url, two.url]
  let seed = 1
  const clock = { now: () => now, random: () => (seed = (seed * 16_807) % 2_147_483_647) / 2_147_483_647 }
  let now = Date.UTC(2026, 10, 1)
  await using gateway = await gatewayForTest({ manifests: manifests(urls), clock })
  await using free = await gatewayForTest({ manifests: manifests(urls, false), clock })
  const talk = async ({ client }: typeof gateway, about: string, opening = system) => {
    const providers = new Set<string | null>()
    const messages: { role: 'system' | 'user' | 'assistant'; content: string }[] = [opening]
    for (let turn = 0; turn < 6; turn++) {
      messages.push({ role: 'user', content: `Where is order ${about}${turn}?` })
      const { response } = await client.chat.completions.create({ model: 'chat', messages }).withResponse()
      providers.add(response.headers.get('causeway-provider'))
      messages.push({ role: 'assistant', content: 'Yes.' })
      now += 60_000
    }
    return [...providers]
  }
  const kept: (string | null)[][] = []
  for (let number = 0; number < 12; number++) kept.push(await talk(gateway, `K${number}-`))
  expect(kept.map(providers => providers.length)).toEqual(kept.map(() => 1))
  expect(new Set(kept.flat()).size).toBeGreaterThan(2)
  expect((await talk(free, 'F')).length).toBeGreaterThan(1)
  // What is too short for a prompt cache is drawn each time.
  expect((await talk(gateway, 'S', { role: 'system', content: 'Be brief.' })).length).toBeGreaterThan(1)
})

test('the key for a prompt cache that a client gives counts for short requests too [C3.affinity]', async () => {
  await using one = await answering()
  await using gateway = await gatewayForTest({
    manifests: manifests([one.url, one.url, one.url, one.url]),
    clock: { random: Math.random },
  })
  const providers = new Set<string | null>()
  for (let call = 0; call < 12; call++) {
    const { response } = await gateway.client.chat.completions
      .create({
        model: 'chat',
        prompt_cache_key: 'tenant-7',
        messages: [{ role: 'user', content: `Question ${call}` }],
      })
      .withResponse()
    providers.add(response.headers.get('causeway-provider'))
    if (call > 0)
      expect(response.headers.get('causeway-route-reason')).toBe('where the conversation was answered before')
  }
  expect(providers.size).toBe(1)
})
