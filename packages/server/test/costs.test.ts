import type { ManifestInput, ModelCallDetail } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { answerJson, fakeUpstream } from '../src/models/testing/fake-upstream.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const answer = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-sonnet-4-5',
  content: [{ type: 'text', text: 'Good morning.' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 790, cache_read_input_tokens: 200, cache_creation_input_tokens: 10, output_tokens: 100 },
}
// 790 plain at $3, 200 read at $0.30 and 10 written at $3.75, 100 out at $15, each a million.
const listPrice = 3_967_500

describe.each(databaseKinds)('costs on %s', kind => {
  test('follow the contract where there is one; stored calls are priced anew, shown first and audited when kept [C7.contract-prices, C7.reprice]', async () => {
    await using claude = await fakeUpstream(response => answerJson(response, answer))
    await using causeway = await startTestPlatform({ kind, environment: { CAUSEWAY_SECRET_CLAUDE_KEY: 'sk-claude' } })
    const { url, admin, adminKey } = causeway
    type Prices = Extract<Extract<ManifestInput, { kind: 'Provider' }>['spec'], { type: 'anthropic' }>['prices']
    const agree = (prices?: Prices): Promise<void> =>
      causeway.apply(
        {
          kind: 'Provider',
          name: 'claude',
          spec: { type: 'anthropic', baseUrl: claude.url, apiKey: { secret: 'CLAUDE_KEY' }, ...(prices && { prices }) },
        },
        {
          kind: 'Route',
          name: 'chat',
          spec: { targets: [{ provider: 'claude', model: 'claude-sonnet-4-5' }] },
        },
      )
    let calls = 0
    let id = ''
    const costOfNext = async (): Promise<Pick<ModelCallDetail, 'priceVersion' | 'rates'> & { nanoUsd: number }> => {
      const response = await fetch(`${url}/v1/messages`, {
        method: 'POST',
        headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', max_tokens: 100, messages: [{ role: 'user', content: 'hello' }] }),
      })
      await response.text()
      calls++
      await expect.poll(async () => (await admin.modelCalls.list()).data.length, { timeout: 5000 }).toBe(calls)
      id = response.headers.get('x-request-id') ?? ''
      const { cost, priceVersion, rates } = await admin.modelCalls.get(id)
      return { nanoUsd: cost.nanoUsd, priceVersion, rates }
    }
    await agree()
    const listed = await costOfNext()
    expect(listed.nanoUsd).toBe(listPrice)
    expect(listed.rates).toEqual({ source: 'list', input: 3, output: 15, cachedInput: 0.3, cacheWrite: 3.75 })
    const first = id
    await agree({ factor: 0.8 })
    const discounted = await costOfNext()
    expect(discounted.nanoUsd).toBe(listPrice * 0.8)
    expect(discounted.rates).toMatchObject({ source: 'list with factor', input: 2.4, output: 12 })
    expect((await admin.modelCalls.get(first)).rates).toBeNull()
    expect(discounted.priceVersion).toMatch(/^genai-prices-.+\+contract-[\da-f]{12}$/)
    await agree({ models: { 'claude-sonnet-4-5': { input: 1, output: 10, cachedInput: 0.5 } } })
    // 800 at $1, 200 at $0.50, 100 out at $10.
    const agreed = 1_900_000
    expect((await costOfNext()).nanoUsd).toBe(agreed)

    const since = new Date(Date.now() - 3_600_000).toISOString()
    const shown = await admin.costs.reprice({ since })
    expect(shown).toMatchObject({
      applied: false,
      calls: 3,
      changed: 2,
      beforeNanoUsd: listPrice * 1.8 + agreed,
      afterNanoUsd: 3 * agreed,
      models: [{ provider: 'claude', model: 'claude-sonnet-4-5', calls: 3, unpriced: 0 }],
    })
    expect((await admin.usage()).total.nanoUsd).toBe(shown.beforeNanoUsd)
    expect((await admin.audit.list({ action: 'costs.repriced' })).data).toEqual([])
    const operator = await causeway.clientOf('operator')
    expect(await operator.costs.reprice({ since, apply: true })).toMatchObject({ applied: true, changed: 2 })
    expect((await admin.usage()).total).toMatchObject({ nanoUsd: 3 * agreed, exact: 3 })
    expect((await admin.audit.list({ action: 'costs.repriced' })).data).toMatchObject([
      { subject: 'all providers', detail: { changed: 2, afterNanoUsd: 3 * agreed } },
    ])
    expect(await admin.costs.reprice({ since, apply: true })).toMatchObject({ changed: 0 })
    await expect((await causeway.clientOf('developer')).costs.reprice({ since })).rejects.toMatchObject({
      code: 'missing-right',
    })
    const stage = await causeway.clientOf('admin', { environment: 'stage' })
    expect(await stage.costs.reprice({ since, apply: true })).toMatchObject({ calls: 0 })
  })
})
