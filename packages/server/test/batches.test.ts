import type { ManifestInput } from '@causeway/contracts'
import OpenAI, { toFile } from 'openai'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { batchUpstream, type BatchUpstream } from '../src/models/testing/batch-upstream.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const environment = { CAUSEWAY_SECRET_OPENAI_KEY: 'sk-openai' }

const manifests = ({ url }: BatchUpstream, ...others: ManifestInput[]): ManifestInput[] => [
  {
    kind: 'Provider',
    name: 'openai',
    spec: {
      type: 'openai-compatible',
      baseUrl: `${url}/v1`,
      apiKey: { secret: 'OPENAI_KEY' },
      prices: { models: { 'gpt-4o-mini': { input: 1, output: 10 } } },
    },
  },
  { kind: 'Route', name: 'chat', spec: { targets: [{ provider: 'openai', model: 'gpt-4o-mini' }] } },
  ...others,
]

const request = (id: string, content = 'hello', model = 'chat'): object => ({
  custom_id: id,
  method: 'POST',
  url: '/v1/chat/completions',
  body: { model, max_tokens: 100, messages: [{ role: 'user', content }] },
})

const answered = (id: string, input: number, output: number): object => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: {
    status_code: 200,
    request_id: id,
    body: {
      id: `chatcmpl-${id}`,
      object: 'chat.completion',
      created: 1,
      model: 'gpt-4o-mini',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    },
  },
  error: null,
})

const refused = (id: string): object => ({
  id: `batch_req_${id}`,
  custom_id: id,
  response: { status_code: 400, request_id: id, body: { error: { message: 'no' } } },
  error: null,
})

const clientOf = ({ url }: { url: string }, apiKey: string): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey, maxRetries: 0 })

const upload = async (client: OpenAI, ...requests: object[]): Promise<OpenAI.FileObject> =>
  client.files.create({
    purpose: 'batch',
    file: await toFile(Buffer.from(requests.map(line => JSON.stringify(line)).join('\n')), 'requests.jsonl'),
  })

const create = (client: OpenAI, { id }: OpenAI.FileObject): Promise<OpenAI.Batch> =>
  client.batches.create({ input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' })

describe.each(databaseKinds)('batches on %s', kind => {
  test('are made, followed and read with the official client; each request is recorded and paid at half the price, once [C5.batching, C7.service-tiers]', async () => {
    await using upstream = await batchUpstream()
    await using causeway = await startTestPlatform({ kind, environment })
    const { admin, adminKey } = causeway
    await causeway.apply(...manifests(upstream))
    const client = clientOf(causeway, adminKey)

    const file = await upload(client, request('a'), request('b'), request('c'))
    const sent = upstream.files.get(file.id) ?? ''
    expect(sent.split('\n').map(line => (JSON.parse(line) as { body: { model: string } }).body.model)).toEqual([
      'gpt-4o-mini',
      'gpt-4o-mini',
      'gpt-4o-mini',
    ])
    const batch = await create(client, file)
    expect(batch.status).toBe('in_progress')
    expect((await admin.modelCalls.list()).data).toEqual([])

    upstream.end(batch.id, [answered('a', 1000, 100), answered('b', 2000, 50)], [refused('c')])
    const looks = await Promise.all(Array.from({ length: 6 }, () => client.batches.retrieve(batch.id)))
    expect(new Set(looks.map(({ status }) => status))).toEqual(new Set(['completed']))
    const [{ output_file_id: output } = { output_file_id: null }] = looks
    const content = await (await client.files.content(output ?? '')).text()
    expect(content).toBe(upstream.files.get(output ?? ''))

    const { data: calls } = await admin.modelCalls.list()
    const counted = calls.map(({ outcome, usage, cost }) => ({
      outcome,
      input: usage.inputTokens,
      nanoUsd: cost.nanoUsd,
    }))
    expect(counted.toSorted((one, other) => one.input - other.input)).toEqual([
      { outcome: 'failed', input: 0, nanoUsd: 0 },
      { outcome: 'completed', input: 1000, nanoUsd: (1_000_000 + 1_000_000) / 2 },
      { outcome: 'completed', input: 2000, nanoUsd: (2_000_000 + 500_000) / 2 },
    ])
    const detail = await admin.modelCalls.get(calls.find(({ usage }) => usage.inputTokens === 1000)?.id ?? '')
    expect(detail).toMatchObject({ serviceTier: 'batch', route: 'chat', provider: 'openai', model: 'gpt-4o-mini' })
    expect(detail.routing?.reason).toBe(`request "a" of ${batch.id}`)
    expect(await admin.usage()).toMatchObject({ total: { inputTokens: 3000, outputTokens: 150, nanoUsd: 2_250_000 } })
  })

  test('count against budgets at their most from their start, and at what they cost from their end; nobody need ask [C5.batching]', async () => {
    await using upstream = await batchUpstream()
    await using causeway = await startTestPlatform({ kind, environment })
    const { adminKey } = causeway
    await causeway.apply(
      ...manifests(upstream, { kind: 'Budget', name: 'tokens', spec: { window: 'month', limits: { tokens: 500 } } }),
    )
    const client = clientOf(causeway, adminKey)
    const large = await upload(client, ...Array.from({ length: 5 }, (_, index) => request(String(index))))
    await expect(create(client, large)).rejects.toMatchObject({ status: 429, code: 'budget-exceeded' })
    const small = await upload(client, request('a'), request('b'), request('c'))
    const batch = await create(client, small)
    await expect(create(client, small)).rejects.toMatchObject({ status: 429 })

    upstream.end(batch.id, [answered('a', 5, 5), answered('b', 5, 5), answered('c', 5, 5)])
    await expect
      .poll(() => causeway.admin.usage(), { timeout: 30_000, interval: 500 })
      .toMatchObject({
        total: { inputTokens: 15, outputTokens: 15 },
      })
    await expect
      .poll(() => create(client, small), { timeout: 20_000, interval: 1000 })
      .toMatchObject({
        status: 'in_progress',
      })
  }, 60_000)

  test('belong to those who made them [C5.batching, H1.tenancy]', async () => {
    await using upstream = await batchUpstream()
    await using causeway = await startTestPlatform({ kind, environment })
    await causeway.apply(...manifests(upstream))
    const [one, other] = [
      clientOf(causeway, causeway.adminKey),
      clientOf(causeway, (await causeway.clientOf('developer')).key),
    ]
    const file = await upload(one, request('a'))
    const batch = await create(one, file)
    const before = upstream.requests.length
    const notFound = { status: 404 }
    await expect(other.files.retrieve(file.id)).rejects.toMatchObject(notFound)
    await expect(other.files.content(file.id)).rejects.toMatchObject(notFound)
    await expect(other.files.delete(file.id)).rejects.toMatchObject(notFound)
    await expect(create(other, file)).rejects.toMatchObject(notFound)
    await expect(other.batches.retrieve(batch.id)).rejects.toMatchObject(notFound)
    await expect(other.batches.cancel(batch.id)).rejects.toMatchObject(notFound)
    expect((await other.files.list()).data).toEqual([])
    expect((await other.batches.list()).data).toEqual([])
    expect(upstream.requests).toHaveLength(before)

    expect((await one.batches.cancel(batch.id)).status).toBe('cancelling')
    const files = [file, await upload(one, request('b')), await upload(one, request('c'))].map(({ id }) => id)
    const listed: string[] = []
    for await (const { id } of one.files.list({ limit: 2 })) listed.push(id)
    expect(listed).toEqual(files.toReversed())
    expect((await one.batches.list()).data.map(({ id, status }) => [id, status])).toEqual([[batch.id, 'cancelling']])
    await one.files.delete(file.id)
    expect((await one.files.list()).data.map(({ id }) => id)).not.toContain(file.id)
  })

  test('are refused before they are sent where a line is wrong, a model unknown or a guardrail in the way [C5.batching]', async () => {
    await using upstream = await batchUpstream()
    await using causeway = await startTestPlatform({ kind, environment })
    await causeway.apply(...manifests(upstream))
    const client = clientOf(causeway, causeway.adminKey)
    const cases: [string, ...object[]][] = [
      ['Line 2 of the file: expected a custom_id that no other line has.', request('a'), request('a')],
      ['Line 1 of the file: expected one of the urls', { ...request('a'), url: '/v1/moderations' }],
      ['Line 1 of the file: expected the method POST.', { ...request('a'), method: 'GET' }],
      ['request 2 differs from the first', request('a'), request('b', 'hello', 'other')],
      ['no requests'],
    ]
    for (const [message, ...lines] of cases)
      await expect(upload(client, ...lines)).rejects.toMatchObject({
        status: 400,
        message: expect.stringContaining(message) as string,
      })
    await expect(upload(client, request('a', 'hello', 'nothing'))).rejects.toMatchObject({ status: 404 })
    expect(upstream.requests).toEqual([])

    await causeway.apply({
      kind: 'Guardrail',
      name: 'addresses',
      spec: { detectors: ['email'], action: 'redact', at: ['input'] },
    })
    const file = await upload(client, request('a', 'write to jo@example.org'), request('b', 'plain'))
    const sent = upstream.files.get(file.id) ?? ''
    expect(sent).not.toContain('jo@example.org')
    expect(sent.split('\n').map(line => (JSON.parse(line) as { custom_id: string }).custom_id)).toEqual(['a', 'b'])
    expect(sent).toContain('plain')
    await causeway.apply({
      kind: 'Guardrail',
      name: 'answers',
      spec: { detectors: ['email'], action: 'redact', at: ['output'] },
    })
    await expect(create(client, file)).rejects.toMatchObject({ status: 400, code: 'guardrail-blocked' })
  })
})
