import { userMessage } from '../../model-request.ts'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, chunk, fakeUpstream, openStream, writeEvents } from '../../testing/fake-upstream.ts'
import { modelsForTest, routeOver, scope } from '../../testing/models-for-test.ts'

const signal = AbortSignal.timeout(10_000)
const request = { route: 'chat', messages: [userMessage('Hi')], tools: [] }
const fallback: ManifestInput & { kind: 'Provider' } = {
  kind: 'Provider',
  name: 'script',
  spec: { type: 'rehearsal', conversations: [], otherwise: [{ text: 'Scripted.' }] },
}
const optional = (url: string): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name: 'ollama',
  spec: { type: 'openai-compatible', baseUrl: `${url}/v1`, optional: true },
})

test('an optional server is asked once for its models, and `auto` means its first one [C2.optional-provider]', async () => {
  let now = 1_000_000
  await using upstream = await fakeUpstream((response, { method }) => {
    if (method === 'GET') return answerJson(response, { data: [{ id: 'qwen3' }, { id: 'llama' }] })
    openStream(response)
    writeEvents(response, chunk({ content: 'Hello.' }), chunk({}, 'stop'), '[DONE]')
    return response.end()
  })
  await using world = modelsForTest({
    manifests: routeOver({ provider: optional(upstream.url), model: 'auto' }, { provider: fallback, model: 'x' }),
    clock: { now: () => now },
  })
  const answers = await Promise.all(Array.from({ length: 5 }, () => world.models.call(scope, request, { signal })))
  expect(answers.map(({ model }) => model)).toEqual(Array.from({ length: 5 }, () => 'qwen3'))
  const probes = () => upstream.requests.filter(({ method }) => method === 'GET').length
  expect(probes()).toBe(1)
  now += 9_000
  await world.models.call(scope, request, { signal })
  expect(probes()).toBe(1)
  now += 2_000
  await world.models.call(scope, request, { signal })
  await expect.poll(probes).toBe(2)
})

test('a server that does not answer is skipped after half a second, once for all who wait [C2.optional-provider]', async () => {
  await using upstream = await fakeUpstream(() => {})
  await using world = modelsForTest({
    manifests: routeOver({ provider: optional(upstream.url), model: 'auto' }, { provider: fallback, model: 'x' }),
  })
  const startedAt = performance.now()
  const answers = await Promise.all(Array.from({ length: 4 }, () => world.models.call(scope, request, { signal })))
  await world.models.call(scope, request, { signal })
  expect(performance.now() - startedAt).toBeLessThan(1400)
  expect(answers.every(({ text, rehearsal }) => rehearsal && text === 'Scripted.')).toBe(true)
  expect(upstream.requests).toHaveLength(1)
})
