import { provider, route } from '@causeway/sdk'
import type { ModelCall } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { answerJson, fakeUpstream } from '../src/models/testing/fake-upstream.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const answer = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4o-mini',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Good morning.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 1000, completion_tokens: 100, total_tokens: 1100 },
}

const chat = (url: string, key: string, model = 'chat'): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'a private matter' }] }),
  })

describe.each(databaseKinds)('the records of model calls on %s', kind => {
  test('explain each request: attempts, route, cost, and what refused it; pages and filters [G3.model-calls-explained, H1.tenancy]', async () => {
    await using broken = await fakeUpstream(response => answerJson(response, { error: { message: 'down' } }, 503))
    await using works = await fakeUpstream(response => answerJson(response, answer))
    await using causeway = await startTestPlatform({ kind })
    const { url, admin, adminKey } = causeway
    await causeway.apply(
      provider({ name: 'first', type: 'openai-compatible', baseUrl: `${broken.url}/v1` }),
      provider({ name: 'second', type: 'openai-compatible', baseUrl: `${works.url}/v1` }),
      route({
        name: 'chat',
        targets: [
          { provider: 'first', model: 'gpt-4o-mini' },
          { provider: 'second', model: 'gpt-4o-mini' },
        ],
      }),
      { kind: 'Budget', name: 'three-a-day', spec: { window: 'day', limits: { requests: 3 }, warnAt: 0.1 } },
    )
    const other = await causeway.clientOf('developer')
    const ids: string[] = []
    for (const key of [adminKey, adminKey, other.key, adminKey]) {
      const response = await chat(url, key)
      await response.text()
      ids.push(response.headers.get('x-request-id') ?? '')
    }
    await expect.poll(async () => (await admin.modelCalls.list()).data, { timeout: 5000 }).toHaveLength(4)

    const answered = await admin.modelCalls.get(ids[0] ?? '')
    expect(answered).toMatchObject({
      environment: 'dev',
      route: 'chat',
      provider: 'second',
      model: 'gpt-4o-mini',
      outcome: 'completed',
      errorCode: null,
      finishReason: 'stop',
      routing: { strategy: 'priority', reason: 'first of its order' },
      usage: { inputTokens: 1000, outputTokens: 100 },
      cost: { nanoUsd: 0, status: 'unpriced' },
    })
    expect(answered.attempts.map(({ provider: name, failureClass }) => [name, failureClass])).toContainEqual([
      'second',
      null,
    ])
    expect(answered.attempts[0]).toMatchObject({ provider: 'first', status: 503 })
    const refused = await admin.modelCalls.get(ids[3] ?? '')
    expect(refused).toMatchObject({ outcome: 'failed', errorCode: 'budget-exceeded', attempts: [] })
    expect(refused.errorMessage).toContain('"three-a-day"')
    const all: ModelCall[] = []
    for await (const call of admin.modelCalls.all({ limit: 2 })) all.push(call)
    expect(all.map(({ id }) => id)).toEqual(ids.toReversed())
    expect(JSON.stringify(all)).not.toContain('private matter')

    const of = async (query: Parameters<typeof admin.modelCalls.list>[0]): Promise<(string | undefined)[]> =>
      (await admin.modelCalls.list(query)).data.map(({ id }) => id)
    expect(await of({ apiKeyId: other.id })).toEqual([ids[2]])
    expect(await of({ errorCode: 'budget-exceeded' })).toEqual([ids[3]])
    expect(await of({ outcome: 'completed', provider: 'second' })).toEqual([ids[2], ids[1], ids[0]])
    expect(await of({ minNanoUsd: 1 })).toEqual([])
    expect(await of({ startedBefore: answered.startedAt })).toEqual([])

    const stage = await causeway.clientOf('admin', { environment: 'stage' })
    expect((await stage.modelCalls.list()).data).toEqual([])
    await expect(stage.modelCalls.get(ids[0] ?? '')).rejects.toMatchObject({ code: 'not-found' })
    await expect(admin.modelCalls.list({ cursor: 'MTp4' })).rejects.toMatchObject({ code: 'invalid-cursor' })
  })

  test('what is thought of answers is kept with them, and adaptive routes choose by it [C3.by-feedback]', async () => {
    await using upstream = await fakeUpstream(response => answerJson(response, answer))
    await using causeway = await startTestPlatform({ kind })
    const { url, admin, adminKey } = causeway
    const openai = { type: 'openai-compatible', baseUrl: `${upstream.url}/v1` } as const
    await causeway.apply(
      provider({ name: 'good', ...openai }),
      provider({ name: 'poor', ...openai }),
      route({
        name: 'chat',
        strategy: 'adaptive',
        targets: [
          { provider: 'poor', model: 'm' },
          { provider: 'good', model: 'm' },
        ],
      }),
    )
    const ask = async (): Promise<{ id: string; by: string }> => {
      const { headers } = await chat(url, adminKey)
      return { id: headers.get('x-request-id') ?? '', by: headers.get('causeway-provider') ?? '' }
    }
    const asked = await Promise.all(Array.from({ length: 40 }, ask))
    expect(new Set(asked.map(({ by }) => by))).toEqual(new Set(['good', 'poor']))
    // The record of a call is written a moment after its answer.
    await Promise.all(
      asked.map(({ id, by }) =>
        admin.modelCalls.giveFeedback(id, { score: by === 'good' ? 0.9 : 0.1, comment: `from ${by}` }),
      ),
    )
    const scored = asked[0]?.id ?? ''
    // Changing one's mind replaces the score.
    await admin.modelCalls.giveFeedback(scored, { score: 0.5 })
    const { feedback } = await admin.modelCalls.get(scored)
    expect(feedback).toMatchObject([{ score: 0.5, comment: null, actor: expect.any(String) }])
    await expect
      .poll(
        async () => {
          const later = await Promise.all(Array.from({ length: 20 }, ask))
          return later.filter(({ by }) => by === 'good').length
        },
        { timeout: 15_000, interval: 1000 },
      )
      .toBeGreaterThan(16)

    const developer = await causeway.clientOf('developer', { environment: 'stage' })
    await expect(developer.modelCalls.giveFeedback(scored, { score: 1 })).rejects.toMatchObject({
      code: 'not-found',
    })
    const viewer = await causeway.clientOf('viewer')
    await expect(viewer.modelCalls.giveFeedback(scored, { score: 1 })).rejects.toMatchObject({
      code: 'missing-right',
    })
    await expect(admin.modelCalls.giveFeedback(scored, { score: 1.1 })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    // One that was refused is recorded too, and there is nothing to score.
    const refused = (await chat(url, adminKey, 'nothing')).headers.get('x-request-id') ?? ''
    await expect(admin.modelCalls.giveFeedback(refused, { score: 1 })).rejects.toMatchObject({ code: 'conflict' })
    expect(await admin.modelCalls.get(refused)).toMatchObject({
      route: 'nothing',
      errorCode: 'model-not-found',
      errorMessage: expect.stringContaining('no route "nothing"'),
      provider: null,
    })
  })
})
