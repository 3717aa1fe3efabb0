import { provider, route } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { answerJson, fakeUpstream } from '../src/models/testing/fake-upstream.ts'
import { startScriptedWorld } from '../src/testing/scripted-world.ts'

const answer = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Good morning.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 1000, output_tokens: 100 },
}
// 1000 tokens at $3 and 100 at $15, each a million.
const costOfOne = 4_500_000

describe.each(databaseKinds)('usage on %s', kind => {
  test('sums requests and runs to the cent, in groups; a key sees its own, and others with the right; budgets say what is left [G3.usage-self-service, G3.cost-views, G3.cost-per-run]', async () => {
    await using claude = await fakeUpstream(response => answerJson(response, answer))
    await using world = await startScriptedWorld({
      kind,
      environment: { CAUSEWAY_SECRET_CLAUDE_KEY: 'sk-claude' },
      model: { respond: () => ({ text: 'done' }) },
    })
    const { url, admin, adminKey, apply, clientOf } = world.causeway
    await apply(
      provider({ name: 'claude', type: 'anthropic', baseUrl: claude.url, apiKey: { secret: 'CLAUDE_KEY' } }),
      route({ name: 'chat', targets: [{ provider: 'claude', model: 'claude-sonnet-4-5' }] }),
      {
        kind: 'Budget',
        name: 'daily',
        spec: { window: 'day', limits: { requests: 3, usd: 1 }, each: 'key', routes: ['chat'] },
      },
    )
    const { key, id } = await clientOf('developer')
    const narrow = await admin.apiKeys.create({ name: 'app', role: 'developer', rights: ['models:call'] })
    const statuses: number[] = []
    for (const each of [adminKey, key, narrow.key, narrow.key, narrow.key, narrow.key]) {
      const response = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': each, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] }),
      })
      await response.text()
      statuses.push(response.status)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    expect((await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })).status).toBe('succeeded')
    await expect.poll(async () => (await admin.usage()).total.requests, { timeout: 5000 }).toBe(7)

    const byRoute = await admin.usage({ by: 'route' })
    expect(byRoute).toMatchObject({
      of: 'environment',
      total: { requests: 7, requestsOfRuns: 1, failed: 1, nanoUsd: 5 * costOfOne, exact: 6, estimated: 0, unpriced: 1 },
      groups: [
        { group: 'chat', requests: 6, inputTokens: 5000, outputTokens: 500, nanoUsd: 5 * costOfOne },
        { group: 'clerk', requests: 1, requestsOfRuns: 1, nanoUsd: 0 },
      ],
      cut: false,
    })
    const byKey = await admin.usage({ by: 'key' })
    expect(byKey.groups.find(({ group }) => group === id)).toMatchObject({ requests: 1, label: 'developer-1' })
    expect((await admin.usage({ by: 'agent' })).groups.map(({ group, requests }) => [group, requests])).toEqual([
      [null, 6],
      ['clerk', 1],
    ])
    const byDay = await admin.usage({ by: 'day' })
    expect(byDay.groups.map(({ group }) => group)).toEqual([new Date().toISOString().slice(0, 10)])
    expect((await admin.usage({ until: byDay.since })).total).toMatchObject({ requests: 0, nanoUsd: 0 })

    const app = await ownUsage(url, narrow.key)
    expect(app).toMatchObject({
      of: 'key',
      total: { requests: 4, failed: 1, nanoUsd: 3 * costOfOne },
      budgets: [{ name: 'daily', used: { requests: 3 }, limits: { requests: 3, tokens: null, nanoUsd: 1e9 } }],
    })
    expect(await ownUsage(url, narrow.key, '?of=environment')).toMatchObject({ code: 'missing-right' })
    await expect(admin.usage({ since: '2020-01-01T00:00:00Z' })).rejects.toMatchObject({ code: 'invalid-request' })
    const prices = { models: { 'gpt-4o-mini': { input: 1, output: 2 } } }
    await apply(provider({ name: 'scripted', type: 'openai-compatible', baseUrl: world.model.baseUrl, prices }))
    const { spent } = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(spent.nanoUsd).toBe(spent.inputTokens * 1000 + spent.outputTokens * 2000)
    expect(spent.nanoUsd).toBeGreaterThan(0)
    const stage = await clientOf('admin', { environment: 'stage' })
    expect((await stage.usage()).total.requests).toBe(0)
    const everywhere = await admin.usage({ of: 'organisation', by: 'environment' })
    expect(everywhere.groups.map(({ label, requests }) => [label, requests])).toEqual([
      ['dev', everywhere.total.requests],
    ])
    expect(everywhere.total.requests).toBeGreaterThanOrEqual(7)
    await expect(stage.usage({ of: 'organisation' })).rejects.toMatchObject({ code: 'missing-right' })
  })
})

const ownUsage = async (url: string, key: string, query = ''): Promise<unknown> =>
  (await fetch(`${url}/v1/usage${query}`, { headers: { 'x-api-key': key } })).json()
