import { readdirSync } from 'node:fs'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import {
  answerJson,
  chunk,
  fakeUpstream,
  openStream,
  writeEvents,
  type FakeUpstream,
} from '../testing/fake-upstream.ts'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'
import { writeSlowly } from './write-slowly.ts'

const providerAt = ({ url }: FakeUpstream): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name: 'upstream',
  spec: { type: 'openai-compatible', baseUrl: `${url}/v1` },
})
const gatewayOver = (upstream: FakeUpstream): Promise<GatewayForTest> =>
  gatewayForTest({ manifests: routeOver({ provider: providerAt(upstream), model: 'm' }) })

/** A call on a connection of its own, so that cutting it is what a client does that goes away. */
function call({ url }: GatewayForTest, stream = true) {
  const sent = request(`${url}/v1/chat/completions`, {
    method: 'POST',
    agent: false,
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
  })
  sent.on('error', () => {})
  sent.end(JSON.stringify({ model: 'chat', stream, messages: [{ role: 'user', content: 'Count' }] }))
  return sent
}

async function answerTo(sent: ReturnType<typeof call>): Promise<IncomingMessage> {
  const [answer]: IncomingMessage[] = await once(sent, 'response')
  if (!answer) throw new Error('there is no answer')
  answer.on('error', () => {})
  return answer
}

const openDescriptors = (): number => readdirSync('/proc/self/fd').length
const heldOf = ({ reservations }: GatewayForTest): number => reservations.filter(({ fate }) => fate === 'held').length
const eventually = { timeout: 8000, interval: 20 }

test('streaming clients that are all cut at once leave no socket and no reservation [C1.client-disconnect-storm]', async () => {
  const clients = 128
  const rounds = 6
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    writeEvents(response, chunk({ content: 'One ' }), chunk({ content: 'two' }))
  })
  await using gateway = await gatewayOver(upstream)
  const before = openDescriptors()
  for (let round = 1; round <= rounds; round++) {
    const calls = Array.from({ length: clients }, () => call(gateway))
    const answers = await Promise.all(calls.map(answerTo))
    await Promise.all(answers.map(answer => once(answer, 'data')))
    for (const sent of calls) sent.destroy()
    await expect.poll(() => gateway.records.length, eventually).toBe(round * clients)
  }
  expect(new Set(gateway.records.map(({ outcome }) => outcome))).toEqual(new Set(['abandoned']))
  expect(gateway.records.every(({ usage }) => usage.outputTokens > 0)).toBe(true)
  expect(heldOf(gateway)).toBe(0)
  await expect.poll(() => upstream.abandoned, eventually).toBe(rounds * clients)
  await expect.poll(() => openDescriptors() - before, eventually).toBeLessThan(8)
}, 20_000)

test('clients that leave before the provider has a connection for them leave no reservation and hold up nobody [C1.client-disconnect-storm]', async () => {
  let answering = false
  await using upstream = await fakeUpstream(response => {
    if (answering) answerJson(response, { choices: [{ message: { content: 'Hi' }, finish_reason: 'stop' }] })
  })
  await using gateway = await gatewayOver(upstream)
  // More than there are connections to one provider, so that the last of them wait for their turn.
  const calls = Array.from({ length: 300 }, () => call(gateway))
  await expect.poll(() => upstream.requests.length, eventually).toBe(256)
  await expect.poll(() => heldOf(gateway), eventually).toBe(300)
  for (const sent of calls) sent.destroy()
  await expect.poll(() => gateway.records.length, eventually).toBe(300)
  expect(heldOf(gateway)).toBe(0)
  expect(upstream.requests.length).toBe(256)
  answering = true
  expect((await answerTo(call(gateway, false))).statusCode).toBe(200)
}, 20_000)

test('clients that do not read hold back the provider, and their calls end when they leave [C1.client-disconnect-storm]', async () => {
  const clients = 16
  const eventsEach = 2000
  const event = chunk({ content: 'x'.repeat(16 * 1024) })
  let written = 0
  await using upstream = await fakeUpstream(async response => {
    openStream(response)
    for (let number = 0; number < eventsEach && !response.destroyed; number++) {
      written++
      await writeSlowly(response, `data: ${JSON.stringify(event)}\n\n`)
    }
  })
  await using gateway = await gatewayOver(upstream)
  const calls = Array.from({ length: clients }, () => call(gateway))
  // Their heads are read, and nothing behind them.
  for (const answer of await Promise.all(calls.map(answerTo))) answer.pause()
  let seen = -1
  await expect
    .poll(
      () => {
        const still = written === seen
        seen = written
        return still
      },
      { timeout: 10_000, interval: 300 },
    )
    .toBe(true)
  expect(written).toBeLessThan((clients * eventsEach) / 2)
  for (const sent of calls) sent.destroy()
  await expect.poll(() => gateway.records.length, eventually).toBe(clients)
  expect(heldOf(gateway)).toBe(0)
  await expect.poll(() => upstream.abandoned, eventually).toBe(clients)
}, 20_000)
