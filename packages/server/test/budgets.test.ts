import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { openDatabase } from '../src/database/index.ts'
import { createTestStore, databaseKinds, type TestStore } from '../src/database/testing/index.ts'
import type { CollectedAnswer } from '../src/models/answer-collector.ts'
import { anthropicMessages } from '../src/models/dialects/anthropic-messages/index.ts'
import { fakeUpstream, type FakeUpstream } from '../src/models/testing/fake-upstream.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { startPlatformProcess, type PlatformProcess } from '../src/testing/platform-process.ts'

const usage = { inputTokens: 50, outputTokens: 20, cachedInputTokens: 0, cacheWriteTokens: 0, reasoningTokens: 0 }
const head = { requestId: '00000000-0000-4000-8000-000000000000', created: 1, model: 'm', request: {} }
const answer: CollectedAnswer = {
  id: undefined,
  model: undefined,
  content: [{ type: 'text', text: 'Twenty tokens of text' }],
  finishReason: 'stop',
  stopSequence: undefined,
  usage,
  usageEstimated: false,
  billing: undefined,
}

/** A provider with Anthropic's prices. Streams take their time. */
const provider = (
  { failing }: { failing: (call: number) => boolean } = { failing: () => false },
): Promise<FakeUpstream> =>
  fakeUpstream((response, request, number) => {
    if (failing(number)) {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end('{"type":"error","error":{"type":"invalid_request_error","message":"no"}}')
      return
    }
    if (!request.body.includes('"stream":true')) {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify(anthropicMessages.writeAnswer(head, answer)))
      return
    }
    const writer = anthropicMessages.writeStream(head)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(writer.begin() + writer.write({ type: 'text', text: 'Twenty tokens ' }))
    setTimeout(() => {
      response.end(
        writer.write({ type: 'text', text: 'of text' }) +
          writer.write({ type: 'usage', usage }) +
          writer.write({ type: 'finished', reason: 'stop' }) +
          writer.end(answer),
      )
    }, 30)
  })

const manifests = (upstream: FakeUpstream, ...budgets: ManifestInput[]): ManifestInput[] => [
  {
    kind: 'Provider',
    name: 'claude',
    spec: { type: 'anthropic', baseUrl: upstream.url, apiKey: { secret: 'ANTHROPIC_API_KEY' } },
  },
  { kind: 'Route', name: 'chat', spec: { targets: [{ provider: 'claude', model: 'claude-sonnet-4-5' }] } },
  { kind: 'Route', name: 'cheap', spec: { targets: [{ provider: 'claude', model: 'claude-3-5-haiku-latest' }] } },
  ...budgets,
]
const environment = { ANTHROPIC_API_KEY: 'anthropic-key' }

type Outcome = 'answered' | 'failed' | 'refused' | 'left'

/** One call, which its client may leave. */
async function call(
  { url, key }: { url: string; key: string },
  { stream = false, leave = false, model = 'chat' } = {},
): Promise<{ outcome: Outcome; headers: Headers | undefined }> {
  const controller = new AbortController()
  try {
    const response = await fetch(`${url}/v1/messages`, {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify({ model, max_tokens: 50, stream, messages: [{ role: 'user', content: 'Hello there' }] }),
      signal: controller.signal,
    })
    const { status, headers } = response
    if (status === 429) return { outcome: 'refused', headers }
    if (leave) {
      await response.body?.getReader().read()
      controller.abort()
      return { outcome: 'left', headers }
    }
    await response.text()
    return { outcome: status === 200 ? 'answered' : 'failed', headers }
  } catch {
    return { outcome: 'left', headers: undefined }
  }
}

/** What the records of calls and the counters say, when all has been written. */
async function booksOf(store: TestStore) {
  const logger = createLogger({ level: 'silent' })
  const database = await openDatabase({ url: store.url, dataFolder: store.dataFolder, logger })
  try {
    const { rows } = await sql<Record<string, number>>`
      select
        (select coalesce(sum(nano_usd), 0)::int8 from model_calls) as recorded,
        (select coalesce(sum(nano_usd_spent), 0)::int8 from budget_counters) as spent,
        (select coalesce(sum(nano_usd_leased), 0)::int8 from budget_counters) as leased`.execute(database.kysely)
    return rows[0] ?? {}
  } finally {
    await database.close()
  }
}

const budget = (spec: (ManifestInput & { kind: 'Budget' })['spec']): ManifestInput => ({
  kind: 'Budget',
  name: 'daily',
  spec,
})

describe.skipIf(!databaseKinds.includes('postgresql'))('three replicas over PostgreSQL', () => {
  test(
    'parallel calls of all kinds never use more than the budget, and all books say the same [C4.budget-hard] [C4.reserve-before-call]',
    { timeout: 120_000 },
    async () => {
      await using upstream = await provider({ failing: number => number % 5 === 4 })
      await using store = await createTestStore('postgresql')
      const capUsd = 0.02
      const replicas: PlatformProcess[] = []
      for (let replica = 0; replica < 3; replica++) replicas.push(await startPlatformProcess(store, environment))
      try {
        await replicas[0]?.client.manifests.apply({
          manifests: manifests(upstream, budget({ window: 'month', limits: { usd: capUsd } })),
        })
        await new Promise(resolve => setTimeout(resolve, 700))
        const outcomes: Outcome[] = []
        await Promise.all(
          Array.from({ length: 30 }, async (_, caller) => {
            const replica = replicas[caller % 3]
            if (!replica) return
            for (let round = 0; round < 12; round++) {
              const number = caller * 12 + round
              const { outcome } = await call(replica, { stream: number % 2 === 0, leave: number % 8 === 0 })
              outcomes.push(outcome)
            }
          }),
        )
        const count = (outcome: Outcome): number => outcomes.filter(each => each === outcome).length
        expect(count('answered')).toBeGreaterThan(5)
        expect(count('refused')).toBeGreaterThan(5)
      } finally {
        for (const replica of replicas) await replica.terminate()
      }
      const books = await booksOf(store)
      expect(books['spent']).toBeLessThanOrEqual(capUsd * 1e9)
      expect(books).toEqual({
        recorded: books['spent'],
        spent: books['spent'],
        leased: 0,
      })
      // There was no room for another call, and not much was left unused.
      expect(books['spent']).toBeGreaterThan(capUsd * 1e9 * 0.5)
    },
  )
})

describe.each(databaseKinds)('budgets on %s', kind => {
  test(
    'what a replica had set aside when it was killed stays counted [C4.budget-hard] [I6.crash-safe]',
    { timeout: 60_000 },
    async () => {
      await using upstream = await provider()
      await using store = await createTestStore(kind)
      await using first = await startPlatformProcess(store, environment)
      await first.client.manifests.apply({
        manifests: manifests(upstream, budget({ window: 'month', limits: { requests: 40 } })),
      })
      const admitted = async (replica: PlatformProcess, most: number): Promise<number> => {
        let passed = 0
        for (let round = 0; round < most; round++) if ((await call(replica)).outcome !== 'refused') passed++
        return passed
      }
      const before = await admitted(first, 15)
      await first.crash()
      await using second = await startPlatformProcess(store, environment)
      const after = await admitted(second, 60)
      expect(before).toBe(15)
      expect(before + after).toBeLessThanOrEqual(40)
      expect(after).toBeGreaterThan(15)
    },
  )

  test(
    'each key has its own room; what is refused says until when; a cheaper route takes over; soft limits warn [C4.quotas] [C4.budget-soft] [A6.budget-out]',
    { timeout: 60_000 },
    async () => {
      await using upstream = await provider()
      await using store = await createTestStore(kind)
      await using replica = await startPlatformProcess(store, environment)
      const { client } = replica
      const apply = async (spec: (ManifestInput & { kind: 'Budget' })['spec']): Promise<void> => {
        await client.manifests.apply({ manifests: manifests(upstream, budget(spec)) })
      }
      await apply({ window: 'day', limits: { requests: 2 }, each: 'key' })
      const other = { url: replica.url, key: (await client.apiKeys.create({ name: 'other', role: 'developer' })).key }
      const left = ({ headers }: { headers: Headers | undefined }) => headers?.get('ratelimit')
      const first = await call(replica)
      expect(first.headers?.get('ratelimit-policy')).toBe('"daily-requests";q=2;qu="requests";w=86400')
      expect(left(first)).toMatch(/^"daily-requests";r=1;t=\d+$/)
      expect(left(await call(replica))).toMatch(/^"daily-requests";r=0;t=\d+$/)
      const refused = await call(replica)
      expect(refused.outcome).toBe('refused')
      expect(left(refused)).toMatch(/^"daily-requests";r=0;t=\d+$/)
      expect(Number(refused.headers?.get('retry-after'))).toBeGreaterThan(0)
      expect(refused.headers?.get('x-should-retry')).toBe('false')
      expect((await call(other)).outcome).not.toBe('refused')

      await apply({ window: 'day', limits: { requests: 2 }, each: 'key', onLimit: { downgradeTo: 'cheap' } })
      const cheaper = await call(replica)
      expect(cheaper.headers?.get('causeway-downgraded-to')).toBe('cheap')
      expect(cheaper.headers?.get('causeway-model')).toBe('claude-3-5-haiku-latest')

      await apply({ window: 'day', limits: { requests: 2 }, each: 'key', onLimit: 'warn' })
      const warned = await call(replica)
      expect(warned.outcome).not.toBe('refused')
      expect(warned.headers?.get('causeway-budget-warning')).toBe('daily')
    },
  )

  test(
    'a team has its own keys, which share its room, and another team has its own [H1.teams, C4.quotas]',
    { timeout: 60_000 },
    async () => {
      await using upstream = await provider()
      await using store = await createTestStore(kind)
      await using replica = await startPlatformProcess(store, environment)
      const { client, url } = replica
      await client.manifests.apply({
        manifests: manifests(upstream, budget({ window: 'day', limits: { requests: 2 }, each: 'team' })),
      })
      const [search, support] = [
        await client.teams.create({ name: 'search' }),
        await client.teams.create({ name: 'support' }),
      ]
      const callerOf = async (teamId: string, name: string) => ({
        url,
        key: (await client.apiKeys.create({ name, role: 'developer', teamId })).key,
      })
      const [one, other] = [await callerOf(search.id, 'one'), await callerOf(search.id, 'other')]
      const elsewhere = await callerOf(support.id, 'elsewhere')
      const outcomes: Outcome[] = []
      for (const each of [one, other, one, other, elsewhere]) outcomes.push((await call(each)).outcome)
      expect(outcomes).toEqual(['answered', 'answered', 'refused', 'refused', 'answered'])
    },
  )
})
