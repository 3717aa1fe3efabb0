import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { BudgetExceeded } from '../../budgets/index.ts'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, chunk, fakeUpstream, openStream, usageChunk, writeEvents } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'

const provider = (name: string, url: string): ManifestInput => ({
  kind: 'Provider',
  name,
  spec: { type: 'openai-compatible', baseUrl: `${url}/v1`, prices: { models: { m: { input: 1000, output: 1000 } } } },
})

const over = (first: string, second: string): ManifestInput[] => [
  provider('first', first),
  provider('second', second),
  {
    kind: 'Route',
    name: 'chat',
    spec: {
      targets: [
        { provider: 'first', model: 'm' },
        { provider: 'second', model: 'm' },
      ],
      hedge: { afterMs: 40 },
    },
  },
]

/** A provider that says its name after some time, whole or as a stream. */
const saying = (name: string, milliseconds: number) =>
  fakeUpstream(async (response, { body }) => {
    await wait(milliseconds)
    if (response.destroyed) return
    if (body.includes('"stream":true')) {
      openStream(response)
      writeEvents(response, chunk({ content: name }), chunk({}, 'stop'), usageChunk(10, 1), '[DONE]')
      response.end()
    } else
      answerJson(response, {
        id: 'a',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: name } }],
        usage: { prompt_tokens: 10, completion_tokens: 1, total_tokens: 11 },
      })
  })

const clock = { wait: (milliseconds: number, signal: AbortSignal) => wait(milliseconds, undefined, { signal }) }
const question = { model: 'chat', messages: [{ role: 'user' as const, content: 'Who are you?' }] }

test.each([false, true])(
  'when the first target is silent for long the next one is asked too, and the first answer wins (stream: %s) [C3.hedging]',
  async stream => {
    await using slow = await saying('slow', 3000)
    await using quick = await saying('quick', 20)
    await using gateway = await gatewayForTest({ manifests: over(slow.url, quick.url), clock })
    const { data, response } = await gateway.client.chat.completions.create({ ...question, stream }).withResponse()
    let text = ''
    if ('choices' in data) text = data.choices[0]?.message.content ?? ''
    else for await (const { choices } of data) text += choices[0]?.delta.content ?? ''
    expect(text).toBe('quick')
    expect(response.headers.get('causeway-provider')).toBe('second')
    // The loser is called off, and what it has read is paid for.
    await expect.poll(() => slow.abandoned).toBe(1)
    const record = await gateway.recorded()
    expect(record).toMatchObject({
      provider: 'second',
      outcome: 'completed',
      attempts: [
        { provider: 'first', failureClass: 'superseded' },
        { provider: 'second', failureClass: null },
      ],
      cost: { status: 'estimated' },
    })
    expect(record.usage.outputTokens).toBe(1)
    expect(record.usage.inputTokens).toBeGreaterThan(10)
    expect(gateway.reservations.map(({ fate }) => typeof fate)).toEqual(['object', 'object'])
  },
)

test('a first target that answers in time, or before the second one does, is the one [C3.hedging]', async () => {
  await using quick = await saying('quick', 5)
  await using middling = await saying('middling', 120)
  await using slow = await saying('slow', 3000)
  await using intime = await gatewayForTest({ manifests: over(quick.url, slow.url), clock })
  const answer = await intime.client.chat.completions.create(question)
  expect(answer.choices[0]?.message.content).toBe('quick')
  expect(slow.requests).toHaveLength(0)

  await using late = await gatewayForTest({ manifests: over(middling.url, slow.url), clock })
  const other = await late.client.chat.completions.create(question)
  expect(other.choices[0]?.message.content).toBe('middling')
  expect(await late.recorded()).toMatchObject({
    provider: 'first',
    attempts: [
      { provider: 'first', failureClass: null },
      { provider: 'second', failureClass: 'superseded' },
    ],
  })
  expect(late.reservations.map(({ fate }) => typeof fate)).toEqual(['object', 'object'])
})

test('when one of two fails the other is waited for; when both fail nothing is paid; without room for two there is one [C3.hedging]', async () => {
  await using failing = await fakeUpstream(async response => {
    await wait(80)
    answerJson(response, { error: { message: 'no such model' } }, 404)
  })
  await using middling = await saying('middling', 150)
  await using gateway = await gatewayForTest({ manifests: over(failing.url, middling.url), clock })
  const answer = await gateway.client.chat.completions.create(question)
  expect(answer.choices[0]?.message.content).toBe('middling')

  await using both = await gatewayForTest({ manifests: over(failing.url, failing.url), clock })
  await expect(both.client.chat.completions.create(question)).rejects.toThrow('no such model')
  expect((await both.recorded()).cost.nanoUsd).toBe(0)
  expect(both.reservations.map(({ fate }) => fate)).toEqual(['released', 'released'])

  let holds = 0
  await using poor = await gatewayForTest({
    manifests: over(middling.url, middling.url),
    clock,
    reserve() {
      if (++holds > 1) throw refusal
    },
  })
  const alone = await poor.client.chat.completions.create(question)
  expect(alone.choices[0]?.message.content).toBe('middling')
  expect(await poor.recorded()).toMatchObject({ attempts: [{ provider: 'first', failureClass: null }] })
  expect(poor.reservations.map(({ fate }) => typeof fate)).toEqual(['object'])
})

const refusal = new BudgetExceeded(
  {
    name: 'daily',
    spec: { window: 'day', limits: { requests: 1 }, across: 'environment', onLimit: 'stop' },
    window: { start: new Date(0), end: new Date(1) },
    concurrent: undefined,
  },
  { now: 0, rateLimits: [], tooManyAtOnce: false },
)
