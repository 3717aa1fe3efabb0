import { expect, test } from 'vitest'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

const answer = {
  id: 'a',
  object: 'chat.completion',
  created: 1,
  model: 'small',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
}

test('a call is billed in the tier that it was served in, and at the price that the provider tells [C7.service-tiers]', async () => {
  const answers = [
    { ...answer, service_tier: 'flex' },
    { ...answer, usage: { ...answer.usage, cost: 0.000321 } },
  ]
  await using upstream = await fakeUpstream((response, { url }, number) =>
    answerJson(response, url.startsWith('/told') ? answers[1] : answers[number]),
  )
  const provider = (name: string, path: string, prices?: object) => ({
    kind: 'Provider' as const,
    name,
    spec: { type: 'openai-compatible' as const, baseUrl: `${upstream.url}${path}`, ...(prices && { prices }) },
  })
  await using gateway = await gatewayForTest({
    manifests: [
      ...routeOver({
        provider: provider('agreed', '/agreed', { models: { small: { input: 1, output: 2 } }, tiers: { flex: 0.25 } }),
        model: 'small',
      }),
      provider('told', '/told'),
    ],
  })
  const ask = (model: string) =>
    gateway.client.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hi' }] })
  await ask('chat')
  await ask('told/small')
  expect(await gateway.recorded(0)).toMatchObject({
    serviceTier: 'flex',
    cost: { nanoUsd: (1000 * 1000 + 100 * 2000) / 4, status: 'exact' },
  })
  expect(await gateway.recorded(1)).toMatchObject({
    serviceTier: null,
    priceVersion: 'reported',
    cost: { nanoUsd: 321_000, status: 'exact' },
  })
})
