import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { speakingUpstream } from '../testing/speaking-upstream.ts'

const manifests = (first: ManifestInput, other: ManifestInput, share: number): ManifestInput[] => [
  { ...first, name: 'first' },
  { ...other, name: 'other' },
  {
    kind: 'Route',
    name: 'chat',
    spec: {
      targets: [{ provider: 'first', model: 'm' }],
      shadow: { provider: 'other', model: 'new', share },
      cache: { ttlSeconds: 60 },
    },
  },
]
const request = { model: 'chat', messages: [{ role: 'user' as const, content: 'Good morning' }] }

test.each([false, true])(
  'a share of what was answered is asked of another model too, after the client has its answer: streamed %s [C3.shadow]',
  async stream => {
    await using first = await speakingUpstream('chat', { text: 'Good morning.' })
    await using other = await speakingUpstream('messages', { text: 'Good day.' })
    const draws = [0.2, 0.9]
    await using gateway = await gatewayForTest({
      manifests: manifests(first.provider, other.provider, 0.5),
      secrets: { UPSTREAM_KEY: 'key' },
      clock: { random: () => draws.shift() ?? 0.9 },
    })
    const ask = (content: string) =>
      fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
        body: JSON.stringify({ ...request, stream, messages: [{ role: 'user', content }] }),
      }).then(async response => ({ id: response.headers.get('x-request-id'), text: await response.text() }))
    const answered = await ask('Good morning')
    expect(answered.text).toContain('Good mo')
    expect(answered.text).not.toContain('day')
    const shadow = await gateway.recorded(1)
    expect(shadow).toMatchObject({
      shadowOf: answered.id,
      route: 'chat',
      provider: 'other',
      model: 'new',
      outcome: 'completed',
      usage: { inputTokens: 20, outputTokens: 7 },
      finishReason: 'stop',
    })
    expect(shadow.requestId).not.toBe(answered.id)
    expect(gateway.reservations.map(({ subject, fate }) => [subject.route, subject.provider, typeof fate])).toEqual([
      ['chat', 'first', 'object'],
      ['chat', 'other', 'object'],
    ])
    // What is given again was asked of nobody, and what is drawn above the share is not either.
    await ask('Good morning')
    await ask('Another question')
    await gateway.recorded(3)
    expect(gateway.records.map(({ shadowOf }) => shadowOf !== null)).toEqual([false, true, false, false])
    expect(other.requests).toHaveLength(1)
  },
)

test('a shadow that fails, is denied or is silent harms nobody, and is broken off when the process stops [C3.shadow]', async () => {
  await using first = await speakingUpstream('chat', { text: 'Good morning.' })
  await using other = await speakingUpstream('chat', { status: 400 }, { text: 'Good', unfinished: true })
  let denied = false
  const gateway = await gatewayForTest({
    manifests: manifests(first.provider, other.provider, 1),
    clock: { random: () => 0.1 },
    decide: ({ provider }) =>
      denied && provider === 'other' ? { answer: 'deny', reasons: [] } : { answer: 'allow', reasons: [] },
  })
  const ask = async (content: string): Promise<string | null | undefined> =>
    (await gateway.client.chat.completions.create({ ...request, messages: [{ role: 'user', content }] })).choices[0]
      ?.message.content
  expect(await ask('one')).toBe('Good morning.')
  expect(await gateway.recorded(1)).toMatchObject({ outcome: 'failed', provider: 'other' })
  denied = true
  expect(await ask('two')).toBe('Good morning.')
  expect(await gateway.recorded(3)).toMatchObject({ errorCode: 'policy-denied' })
  denied = false
  expect(await ask('three')).toBe('Good morning.')
  await expect.poll(() => other.requests.length).toBe(2)
  await gateway[Symbol.asyncDispose]()
  expect(await gateway.recorded(5)).toMatchObject({ outcome: 'abandoned', provider: 'other' })
  expect(gateway.reservations.every(({ fate }) => fate !== 'held')).toBe(true)
})
