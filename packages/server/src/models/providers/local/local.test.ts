import { assistantMessage, toolMessage, userMessage } from '../../model-request.ts'
import { expect, test } from 'vitest'
import type { ModelMessage } from '../../model-request.ts'
import { modelsForTest, routeOver, scope } from '../../testing/models-for-test.ts'
import { importLlama } from './llama-module.ts'
import { createTurnstile } from './turnstile.ts'

const installed = await importLlama().then(
  () => true,
  () => false,
)
const path = process.env['CAUSEWAY_TEST_LOCAL_MODEL']
const manifests = routeOver(
  { provider: { kind: 'Provider', name: 'here', spec: { type: 'local' } }, model: 'auto' },
  {
    provider: {
      kind: 'Provider',
      name: 'script',
      spec: { type: 'rehearsal', conversations: [], otherwise: [{ text: 'Scripted.' }] },
    },
    model: 'x',
  },
)
const question: ModelMessage = userMessage('What is the weather in Oslo?')
const weather = {
  name: 'weather',
  description: 'Gets the weather of a city',
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
}

test('without a file, or without the library, a local model is passed over [C2.local-gguf]', async () => {
  await using without = modelsForTest({ manifests })
  const request = { route: 'chat', messages: [question], tools: [] }
  const signal = AbortSignal.timeout(10_000)
  expect(await without.models.call(scope, request, { signal })).toMatchObject({ provider: 'script', attempts: 1 })
  const direct = without.models.call(scope, { ...request, route: 'here/auto' }, { signal })
  await expect(direct).rejects.toMatchObject({
    code: 'no-provider-available',
    message: expect.stringContaining('CAUSEWAY_LOCAL_MODEL'),
  })
  await using missing = modelsForTest({ manifests, localModelPath: '/no/such/file.gguf' })
  const nothing = missing.models.call(scope, { ...request, route: 'here/auto' }, { signal })
  await expect(nothing).rejects.toMatchObject({
    message: expect.stringContaining('there is no file /no/such/file.gguf'),
  })
})

test.skipIf(!installed || !path)(
  'a real model answers and calls a tool; skipped unless node-llama-cpp is installed and CAUSEWAY_TEST_LOCAL_MODEL names a file [C2.local-gguf]',
  { timeout: 120_000 },
  async () => {
    await using world = modelsForTest({ manifests, ...(path && { localModelPath: path }) })
    // Small models only follow an example.
    const examples = ['Bergen', 'Rome', 'Lima'].flatMap((city, index): ModelMessage[] => [
      userMessage(`What is the weather in ${city}?`),
      assistantMessage('', [{ callId: city, tool: 'weather', arguments: { city } }]),
      toolMessage({ callId: city, tool: 'weather', text: `{"degrees":${index}}`, failed: false }),
      assistantMessage(`It is ${index} degrees in ${city}.`, []),
    ])
    const request = { route: 'here/auto', messages: [...examples, question], tools: [weather], maxOutputTokens: 60 }
    const answer = await world.models.call(scope, request, { signal: AbortSignal.timeout(100_000) })
    expect(answer).toMatchObject({
      toolCalls: [{ tool: 'weather', arguments: { city: 'Oslo' } }],
      finishReason: 'tool-calls',
      cost: { nanoUsd: 0, status: 'exact' },
    })
    expect(answer.usage.inputTokens).toBeGreaterThan(50)
    const tooLong = { ...request, messages: [userMessage('word '.repeat(20_000))] }
    const refused = world.models.call(scope, tooLong, { signal: AbortSignal.timeout(100_000) })
    await expect(refused).rejects.toMatchObject({
      code: 'context-too-long',
      message: expect.stringContaining('does not fit'),
    })
  },
)

test('conversations with a local model are had one after the other, and those who left are passed over [C2.local-gguf]', async () => {
  const turnstile = createTurnstile()
  const order: string[] = []
  const patient = new AbortController().signal
  const hasty = new AbortController()
  const leaveFirst = await turnstile.enter(patient)
  const second = turnstile.enter(hasty.signal)
  const third = turnstile.enter(patient).then(leave => {
    order.push('third')
    return leave()
  })
  hasty.abort(new Error('gone'))
  await expect(second).rejects.toThrow('gone')
  order.push('first leaves')
  leaveFirst()
  await third
  expect(order).toEqual(['first leaves', 'third'])
})
