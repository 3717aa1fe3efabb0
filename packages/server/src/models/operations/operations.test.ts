import { setTimeout as sleep } from 'node:timers/promises'
import type { ManifestInput } from '@causeway/contracts'
import OpenAI, { BadRequestError } from 'openai'
import { expect, test } from 'vitest'
import { isRecord } from '../dialects/head-members.ts'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest, type GatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'
import { recordings } from '../testing/recordings.ts'

type ProviderInput = ManifestInput & { kind: 'Provider' }
const provider = (spec: ProviderInput['spec'], name = 'upstream'): ProviderInput => ({ kind: 'Provider', name, spec })
const openAi = (url: string, name?: string): ProviderInput =>
  provider(
    { type: 'openai-compatible', baseUrl: `${url}/v1`, prices: { models: { m: { input: 0.02, output: 0 } } } },
    name,
  )
const apiKey = { secret: 'KEY' } as const
const secrets = { KEY: 'provider-key' }

const embedded = (...vectors: (number[] | string)[]): object => ({
  object: 'list',
  data: vectors.map((embedding, index) => ({ object: 'embedding', index, embedding })),
  model: 'm',
  usage: { prompt_tokens: 1000, total_tokens: 1000 },
})
const base64 = (vector: number[]): string => Buffer.from(Float32Array.from(vector).buffer).toString('base64')

const post = ({ url }: GatewayForTest, path: string, body: unknown): Promise<Response> =>
  fetch(url + path, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })

test('embeddings of an OpenAI server go by as they are, and are paid and recorded [C1.embeddings]', async () => {
  await using upstream = await fakeUpstream(response => answerJson(response, embedded(base64([0.25, -1]))))
  await using gateway = await gatewayForTest({ manifests: routeOver({ provider: openAi(upstream.url), model: 'm' }) })
  const { data, usage } = await gateway.client.embeddings.create({ model: 'chat', input: 'Hello', dimensions: 2 })
  expect(data[0]?.embedding).toEqual([0.25, -1])
  expect(usage).toEqual({ prompt_tokens: 1000, total_tokens: 1000 })
  expect(upstream.requests[0]).toMatchObject({ method: 'POST', url: '/v1/embeddings' })
  expect(await gateway.recorded()).toMatchObject({
    dialect: 'openai-embeddings',
    provider: 'upstream',
    outcome: 'completed',
    usage: { inputTokens: 1000, outputTokens: 0 },
    cost: { nanoUsd: 20_000, status: 'exact' },
  })
  expect(gateway.reservations[0]?.fate).toMatchObject({ cost: { nanoUsd: 20_000 } })

  // Tokens and whatever else only this server knows arrive byte for byte.
  await post(gateway, '/v1/embeddings', '{"input": [[1,2], [3]],  "model":"chat", "input_type":"query"}')
  expect(upstream.requests[1]?.body).toBe('{"input": [[1,2], [3]],  "model":"m", "input_type":"query"}')
})

test('the official client of OpenAI gets the embeddings of Cohere and Gemini [C1.embeddings]', async () => {
  await using cohere = await fakeUpstream(response =>
    answerJson(response, { embeddings: { float: [[0.5, 1]] }, meta: { billed_units: { input_tokens: 4 } } }),
  )
  await using google = await fakeUpstream(response =>
    answerJson(response, { embeddings: [{ values: [0.5, 1] }, { values: [2, 3] }] }),
  )
  await using overCohere = await gatewayForTest({
    manifests: routeOver({ provider: provider({ type: 'cohere', baseUrl: cohere.url, apiKey }), model: 'embed-v4.0' }),
    secrets,
  })
  const one = await overCohere.client.embeddings.create({ model: 'chat', input: 'Hello', dimensions: 2, user: 'u' })
  expect(one).toMatchObject({ model: 'embed-v4.0', usage: { prompt_tokens: 4 }, data: [{ embedding: [0.5, 1] }] })
  expect(cohere.requests[0]?.url).toBe('/v2/embed')
  expect(JSON.parse(cohere.requests[0]?.body ?? '')).toEqual({
    model: 'embed-v4.0',
    texts: ['Hello'],
    input_type: 'search_document',
    embedding_types: ['float'],
    output_dimension: 2,
  })

  await using overGoogle = await gatewayForTest({
    manifests: routeOver({
      provider: provider({ type: 'gemini', baseUrl: google.url, apiKey }),
      model: 'gemini-embedding-001',
    }),
    secrets,
  })
  const { data } = await overGoogle.client.embeddings.create({
    model: 'chat',
    input: ['a', 'b'],
    encoding_format: 'float',
  })
  expect(data.map(({ embedding }) => embedding)).toEqual([
    [0.5, 1],
    [2, 3],
  ])
  expect(google.requests[0]?.url).toBe('/v1beta/models/gemini-embedding-001:batchEmbedContents')
  expect(JSON.parse(google.requests[0]?.body ?? '').requests[1]).toEqual({
    model: 'models/gemini-embedding-001',
    content: { parts: [{ text: 'b' }] },
  })
  // Google did not count, so that the use is an estimate.
  expect(await overGoogle.recorded()).toMatchObject({ usageEstimated: true })
  const tokens = overGoogle.client.embeddings.create({ model: 'chat', input: [1, 2] })
  await expect(tokens).rejects.toThrow(BadRequestError)
  await expect(tokens).rejects.toThrow('embeds texts and not tokens')
})

test('the official client of OpenAI gets the embeddings of Bedrock and Vertex AI, each text asked for as the model takes it [C1.embeddings]', async () => {
  const counted = { 'x-amzn-bedrock-input-token-count': '7' }
  await using aws = await fakeUpstream((response, { url, body }) => {
    if (url.includes('titan')) {
      const { inputText } = JSON.parse(body) as { inputText: string }
      return answerJson(response, { embedding: [inputText.length, 0.5], inputTextTokenCount: 3 })
    }
    for (const [name, value] of Object.entries(counted)) response.setHeader(name, value)
    return url.includes('nova')
      ? answerJson(response, { embeddings: [{ embeddingType: 'TEXT', embedding: [0.25, 1] }] })
      : answerJson(response, { embeddings: { float: [[0.5], [1]] }, response_type: 'embeddings_by_type' })
  })
  const bedrock = provider({ type: 'bedrock', awsRegion: 'eu-central-1', baseUrl: aws.url, credentials: { apiKey } })
  const embed = async (model: string, input: string | string[], more = {}) => {
    await using gateway = await gatewayForTest({ manifests: routeOver({ provider: bedrock, model }), secrets })
    return await gateway.client.embeddings.create({ model: 'chat', input, ...more })
  }
  const texts = Array.from({ length: 20 }, (_, index) => 'x'.repeat(index + 1))
  const titan = await embed('eu.amazon.titan-embed-text-v2:0', texts, { dimensions: 256 })
  expect(titan.data.map(({ index, embedding }) => [index, embedding[0]])).toEqual(texts.map((_, at) => [at, at + 1]))
  expect(titan.usage).toEqual({ prompt_tokens: 60, total_tokens: 60 })
  expect(aws.requests).toHaveLength(20)
  expect(aws.requests[0]?.url).toBe('/model/eu.amazon.titan-embed-text-v2%3A0/invoke')
  expect(JSON.parse(aws.requests[0]?.body ?? '')).toEqual({ inputText: 'x', dimensions: 256 })

  const cohere = await embed('cohere.embed-english-v3', ['a', 'b'], { input_type: 'search_query' })
  expect(cohere).toMatchObject({ data: [{ embedding: [0.5] }, { embedding: [1] }], usage: { prompt_tokens: 7 } })
  expect(JSON.parse(aws.requests[20]?.body ?? '')).toEqual({
    texts: ['a', 'b'],
    input_type: 'search_query',
    embedding_types: ['float'],
  })
  await expect(embed('amazon.nova-2-multimodal-embeddings-v1:0', 'a')).resolves.toMatchObject({
    data: [{ embedding: [0.25, 1] }],
  })
  expect(JSON.parse(aws.requests[21]?.body ?? '')).toEqual({
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: { embeddingPurpose: 'GENERIC_INDEX', text: { truncationMode: 'NONE', value: 'a' } },
  })
  await expect(embed('amazon.nova-lite-v1:0', 'a')).rejects.toThrow('has no models that embed texts')
  await expect(embed('amazon.titan-embed-text-v2:0', Array(2049).fill('a'))).rejects.toThrow('may have 2048 texts')

  await using google = await fakeUpstream((response, { url, body }) => {
    const asked = JSON.parse(body) as { instances: unknown[] }
    const embeddings = { values: [0.5, 1], statistics: { token_count: 4 } }
    return url.endsWith(':predict')
      ? answerJson(response, { predictions: asked.instances.map(() => ({ embeddings })) })
      : answerJson(response, { embedding: { values: [2, 3] }, usageMetadata: { promptTokenCount: 5 } })
  })
  const place = { project: 'p', location: 'global', baseUrl: google.url, credentials: apiKey }
  const vertex = provider({ type: 'vertex', ...place })
  const onVertex = async (model: string, more = {}) => {
    await using gateway = await gatewayForTest({ manifests: routeOver({ provider: vertex, model }), secrets })
    return await gateway.client.embeddings.create({ model: 'chat', input: ['a', 'b'], ...more })
  }
  const many = await onVertex('text-embedding-005', { dimensions: 2, input_type: 'query' })
  expect(many).toMatchObject({ data: [{ embedding: [0.5, 1] }, { index: 1 }], usage: { prompt_tokens: 8 } })
  expect(google.requests.map(({ url }) => url.replace(/.*models/, ''))).toEqual(['/text-embedding-005:predict'])
  expect(JSON.parse(google.requests[0]?.body ?? '')).toEqual({
    instances: ['a', 'b'].map(content => ({ content, task_type: 'RETRIEVAL_QUERY' })),
    parameters: { outputDimensionality: 2 },
  })
  // This one takes one text at a time.
  expect(await onVertex('gemini-embedding-001')).toMatchObject({ usage: { prompt_tokens: 8 } })
  expect(await onVertex('gemini-embedding-2', { dimensions: 2 })).toMatchObject({ usage: { prompt_tokens: 10 } })
  expect(google.requests.map(({ url }) => url.replace(/.*models/, '')).slice(1)).toEqual([
    ...Array(2).fill('/gemini-embedding-001:predict'),
    ...Array(2).fill('/gemini-embedding-2:embedContent'),
  ])
  expect(JSON.parse(google.requests[3]?.body ?? '')).toEqual({
    content: { parts: [{ text: 'a' }] },
    embedContentConfig: { outputDimensionality: 2 },
  })
})

test('of texts that are asked for apart one that fails fails them all, and the others are given up [C1.embeddings, C3.failover-before-content]', async () => {
  let [begun, left] = [0, 0]
  await using aws = await fakeUpstream((response, { body }) => {
    begun++
    if (body.includes('wrong')) return answerJson(response, { message: 'Malformed input request' }, 400)
    response.once('close', () => left++)
    return undefined
  })
  const bedrock = provider({ type: 'bedrock', awsRegion: 'eu-central-1', baseUrl: aws.url, credentials: { apiKey } })
  const model = 'amazon.titan-embed-text-v2:0'
  await using gateway = await gatewayForTest({ manifests: routeOver({ provider: bedrock, model }), secrets })
  const input = ['a', 'b', 'wrong', ...Array<string>(30).fill('c')]
  await expect(gateway.client.embeddings.create({ model: 'chat', input })).rejects.toThrow(BadRequestError)
  await expect.poll(() => begun - 1 - left).toBe(0)
  expect(begun).toBeLessThanOrEqual(8)
})

test('of texts that are asked for apart those are paid for that were answered before one failed [C1.embeddings, C7.nano-usd-cost]', async () => {
  const answered = Promise.withResolvers<void>()
  let left = 2
  await using aws = await fakeUpstream(async (response, { body }) => {
    if (!body.includes('wrong')) {
      response.once('close', () => --left === 0 && answered.resolve())
      return answerJson(response, { embedding: [1], inputTextTokenCount: 1000 })
    }
    await answered.promise
    // The gateway reads what the others have sent.
    await sleep(200)
    return answerJson(response, { message: 'Malformed input request' }, 400)
  })
  const bedrock = provider({
    type: 'bedrock',
    awsRegion: 'eu-central-1',
    baseUrl: aws.url,
    credentials: { apiKey },
    prices: { models: { 'amazon.titan-embed-text-v2:0': { input: 0.02, output: 0 } } },
  })
  const model = 'amazon.titan-embed-text-v2:0'
  await using gateway = await gatewayForTest({ manifests: routeOver({ provider: bedrock, model }), secrets })
  const input = ['a', 'b', 'wrong']
  await expect(gateway.client.embeddings.create({ model: 'chat', input })).rejects.toThrow(BadRequestError)
  const paid = { usage: { inputTokens: 2000 }, cost: { nanoUsd: 40_000, status: 'estimated' } }
  expect(await gateway.recorded()).toMatchObject({ outcome: 'failed', ...paid })
  expect(gateway.reservations[0]?.fate).toMatchObject(paid)
})

test('targets without embeddings are passed over, failing ones too; the error says what is the matter [C1.embeddings, C3.failover-before-content]', async () => {
  await using broken = await fakeUpstream(response => answerJson(response, { error: { message: 'down' } }, 500))
  await using upstream = await fakeUpstream(response => answerJson(response, embedded([1])))
  const script = provider({ type: 'anthropic', baseUrl: broken.url, apiKey }, 'claude')
  await using gateway = await gatewayForTest({
    manifests: routeOver(
      { provider: script, model: 'claude' },
      { provider: openAi(broken.url, 'broken'), model: 'm' },
      { provider: openAi(upstream.url), model: 'm' },
    ),
    secrets,
  })
  const answer = await gateway.client.embeddings
    .create({ model: 'chat', input: 'Hello', encoding_format: 'float' })
    .asResponse()
  expect(answer.headers.get('causeway-provider')).toBe('upstream')
  const refused = gateway.client.embeddings.create({ model: 'claude/claude', input: 'Hello' })
  await expect(refused).rejects.toThrow('Provider "claude" has no models that embed texts.')
  await expect(gateway.client.embeddings.create({ model: 'chat', input: '' })).resolves.toBeDefined()
  await expect(
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'viewer', maxRetries: 0 }).embeddings.create({
      model: 'chat',
      input: 'a',
    }),
  ).rejects.toMatchObject({ status: 403 })
})

test('documents are ranked by Cohere and its like as they say it, and by Voyage in its words [C1.rerank]', async () => {
  const question = { query: 'capital', documents: ['Paris', 'Berlin'], top_n: 1 }
  const results = [{ index: 1, relevance_score: 0.75 }]
  await using cohere = await fakeUpstream(response =>
    answerJson(response, { id: 'r', results, meta: { billed_units: { search_units: 1 } } }),
  )
  await using overCohere = await gatewayForTest({
    manifests: routeOver({ provider: provider({ type: 'cohere', baseUrl: cohere.url, apiKey }), model: 'rerank-v3.5' }),
    secrets,
  })
  const answer = await post(overCohere, '/v2/rerank', { model: 'chat', ...question })
  expect(await answer.json()).toEqual({ id: 'r', results, meta: { billed_units: { search_units: 1 } } })
  expect(cohere.requests[0]?.url).toBe('/v2/rerank')
  expect(JSON.parse(cohere.requests[0]?.body ?? '')).toEqual({ model: 'rerank-v3.5', ...question })
  expect(await overCohere.recorded()).toMatchObject({ dialect: 'rerank', usageEstimated: true })

  await using voyage = await fakeUpstream(response =>
    answerJson(response, { object: 'list', data: results, model: 'rerank-2', usage: { total_tokens: 43 } }),
  )
  const spec = { type: 'openai-compatible', preset: 'voyage', baseUrl: `${voyage.url}/v1`, apiKey } as const
  await using overVoyage = await gatewayForTest({
    manifests: routeOver({ provider: provider(spec), model: 'rerank-2' }),
    secrets,
  })
  const ranked = await post(overVoyage, '/v1/rerank', { model: 'chat', ...question, max_tokens_per_doc: 9 })
  expect(ranked.headers.get('causeway-dropped')).toBe('max_tokens_per_doc')
  expect(await ranked.json()).toMatchObject({ results, usage: { total_tokens: 43 } })
  expect(JSON.parse(voyage.requests[0]?.body ?? '')).toEqual({
    model: 'rerank-2',
    query: 'capital',
    documents: ['Paris', 'Berlin'],
    top_k: 1,
  })
})

test('documents are ranked by models of Bedrock, which want the whole name of the model [C1.rerank]', async () => {
  await using aws = await fakeUpstream(response =>
    answerJson(response, {
      results: [
        { index: 1, relevanceScore: 0.9 },
        { index: 0, relevanceScore: 0.1 },
      ],
    }),
  )
  const bedrock = provider({ type: 'bedrock', awsRegion: 'us-west-2', baseUrl: aws.url, credentials: { apiKey } })
  await using gateway = await gatewayForTest({
    manifests: routeOver({ provider: bedrock, model: 'cohere.rerank-v3-5:0' }),
    secrets,
  })
  const question = { query: 'capital', documents: ['Paris', 'Berlin'], top_n: 5, return_documents: true }
  const ranked = await post(gateway, '/v1/rerank', { model: 'chat', ...question })
  expect(await ranked.json()).toMatchObject({
    results: [
      { index: 1, relevance_score: 0.9, document: { text: 'Berlin' } },
      { index: 0, relevance_score: 0.1, document: { text: 'Paris' } },
    ],
  })
  expect(aws.requests[0]?.url).toBe('/rerank')
  expect(JSON.parse(aws.requests[0]?.body ?? '')).toMatchObject({
    queries: [{ type: 'TEXT', textQuery: { text: 'capital' } }],
    sources: [{ inlineDocumentSource: { textDocument: { text: 'Paris' } } }, {}],
    rerankingConfiguration: {
      bedrockRerankingConfiguration: {
        modelConfiguration: { modelArn: 'arn:aws:bedrock:us-west-2::foundation-model/cohere.rerank-v3-5:0' },
        numberOfResults: 2,
      },
    },
  })
})

const onVertex = { type: 'vertex', project: 'p', location: 'global', credentials: apiKey } as const
const recorded = [
  ['cohere', 'embed', '/v1/embeddings', { type: 'cohere' }],
  ['mistral', 'embeddings', '/v1/embeddings', { type: 'openai-compatible', preset: 'mistral' }],
  ['openai', 'embeddings', '/v1/embeddings', { type: 'openai-compatible', preset: 'openai' }],
  ['azure-openai', 'embeddings', '/v1/embeddings', { type: 'azure-openai' }],
  ['voyage', 'embeddings', '/v1/embeddings', { type: 'openai-compatible', preset: 'voyage' }],
  ['gemini', 'batchEmbedContents', '/v1/embeddings', { type: 'gemini' }],
  ['cohere', 'rerank', '/v1/rerank', { type: 'cohere' }],
  ['together', 'rerank', '/v1/rerank', { type: 'openai-compatible', preset: 'together' }],
  ['voyage', 'rerank', '/v1/rerank', { type: 'openai-compatible', preset: 'voyage' }],
  ['bedrock', 'rerank', '/v1/rerank', { type: 'bedrock', awsRegion: 'eu-central-1', credentials: { apiKey } }],
  ['vertex', 'predict', '/v1/embeddings', onVertex],
  ['vertex', 'embedContent', '/v1/embeddings', onVertex],
] as const
/** Models in whose words a recording that names none is written. */
const modelOf = (endpoint: string, answer: unknown): string => {
  if (endpoint === 'rerank') return 'cohere.rerank-v3-5:0'
  return endpoint === 'embedContent' && isRecord(answer) && 'embedding' in answer ? 'gemini-embedding-2' : 'm'
}
const here = recorded.some(([name, endpoint]) => recordings(name, endpoint).length > 0)

test.skipIf(!here)(
  `recorded answers of embeddings and ranks reach the client with all their numbers (recordings beside this repository: ${here}) [C1.embeddings, C1.rerank]`,
  async () => {
    const seen: string[] = []
    for (const [name, endpoint, path, spec] of recorded)
      for (const { response: original, name: file } of recordings(name, endpoint)) {
        seen.push(`${name}/${endpoint}`)
        await using upstream = await fakeUpstream(response => answerJson(response, original.body, original.status))
        const baseUrl = spec.type === 'openai-compatible' ? `${upstream.url}/v1` : upstream.url
        await using gateway = await gatewayForTest({
          manifests: routeOver({
            provider: provider({
              ...('credentials' in spec ? {} : { apiKey }),
              ...spec,
              baseUrl,
            } as ProviderInput['spec']),
            model: modelOf(endpoint, original.body),
          }),
          secrets,
        })
        const request = path === '/v1/rerank' ? { query: 'q', documents: ['a', 'b', 'c'] } : { input: 'a' }
        const response = await post(gateway, path, { model: 'chat', ...request })
        const answer: unknown = await response.json()
        // What a provider of another dialect refuses is told in the gateway's words, and so is that it refuses our credentials.
        const ownWords = original.status === 401 || (original.status !== 200 && ['cohere', 'gemini'].includes(name))
        expect([file, response.status]).toEqual([file, ownWords ? 502 : original.status])
        if (original.status === 200) expect([file, ...numbersIn(answer)]).toEqual([file, ...numbersIn(original.body)])
        else expect(answer).toMatchObject({ error: {} })
      }
    expect(seen).toHaveLength(23)
  },
)

/** All vectors and scores, in their order. */
function numbersIn(value: unknown): number[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    if (/^(embedding|float|values|relevance_?score)$/i.test(key) && !isRecord(inner))
      return [inner].flat(2).filter((each): each is number => typeof each === 'number')
    return numbersIn(inner)
  })
}
