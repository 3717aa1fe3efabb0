import { createHash, createHmac } from 'node:crypto'
import { EventStreamCodec } from '@smithy/core/event-streams'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { userMessage } from '../../model-request.ts'
import { fakeUpstream, type ReceivedRequest } from '../../testing/fake-upstream.ts'
import { modelsForTest, routeOver, scope } from '../../testing/models-for-test.ts'

const signal = AbortSignal.timeout(10_000)
const request = { route: 'chat', messages: [userMessage('Hi')], tools: [] }
const model = 'us.anthropic.claude-sonnet-4-5-20250929-v1:0'
const secrets = {
  AWS_ID: 'AKIDEXAMPLE',
  AWS_SECRET: 'wJalrXUtnFEMI',
  AWS_SESSION: 'token==',
  BEDROCK_KEY: 'bedrock-api-key',
}

const codec = new EventStreamCodec(
  bytes => Buffer.from(bytes).toString('utf8'),
  text => Buffer.from(text, 'utf8'),
)
const text = (value: string) => ({ type: 'string', value }) as const
const message = (name: string, payload: object, kind = 'event'): Uint8Array =>
  codec.encode({
    headers: { [kind === 'event' ? ':event-type' : ':exception-type']: text(name), ':message-type': text(kind) },
    body: Buffer.from(JSON.stringify(payload)),
  })
const hello = [
  message('messageStart', { role: 'assistant' }),
  message('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Hello.' } }),
  message('somethingNew', { a: [1] }),
  message('contentBlockStop', { contentBlockIndex: 0 }),
  message('messageStop', { stopReason: 'end_turn' }),
  message('metadata', { usage: { inputTokens: 3, outputTokens: 2, cacheReadInputTokens: 5 } }),
]

function changed(bytes: Uint8Array = Buffer.alloc(0)): Buffer {
  const copy = Buffer.from(bytes)
  copy[copy.length - 6] = 0
  return copy
}

type Credentials = Extract<(ManifestInput & { kind: 'Provider' })['spec'], { type: 'bedrock' }>['credentials']
const bedrock = (baseUrl: string, credentials: Credentials): ManifestInput[] =>
  routeOver({
    provider: {
      kind: 'Provider',
      name: 'aws',
      spec: { type: 'bedrock', awsRegion: 'eu-central-1', baseUrl, credentials },
    },
    model,
  })
const keys: Credentials = {
  accessKeyId: { secret: 'AWS_ID' },
  secretAccessKey: { secret: 'AWS_SECRET' },
  sessionToken: { secret: 'AWS_SESSION' },
}

/** Signature version 4, reckoned from its definition. */
function signatureOf({ method, url, headers, body }: ReceivedRequest, signedHeaders: string): string {
  const hmac = (key: string | Buffer, data: string): Buffer => createHmac('sha256', key).update(data).digest()
  const sha = (data: string): string => createHash('sha256').update(data).digest('hex')
  const at = String(headers['x-amz-date'])
  const canonical = [
    method,
    url.replaceAll('%', '%25'),
    '',
    ...signedHeaders.split(';').map(name => `${name}:${String(headers[name])}`),
    '',
    signedHeaders,
    sha(body),
  ].join('\n')
  const place = `${at.slice(0, 8)}/eu-central-1/bedrock/aws4_request`
  const key = place.split('/').reduce<string | Buffer>((last, part) => hmac(last, part), `AWS4${secrets.AWS_SECRET}`)
  return hmac(key, ['AWS4-HMAC-SHA256', at, place, sha(canonical)].join('\n')).toString('hex')
}

test('a model of Bedrock answers a request that is signed with AWS keys [C2.bedrock]', async () => {
  await using upstream = await fakeUpstream(response => {
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' })
    response.end(Buffer.concat(hello))
  })
  await using world = modelsForTest({ manifests: bedrock(upstream.url, keys), secrets })
  const answer = await world.models.call(scope, request, { signal })
  expect(answer).toMatchObject({
    text: 'Hello.',
    finishReason: 'stop',
    usage: { inputTokens: 8, outputTokens: 2, cachedInputTokens: 5 },
    cost: { status: 'exact' },
  })
  const [received] = upstream.requests
  if (!received) throw new Error('nothing was received')
  expect(received.url).toBe('/model/us.anthropic.claude-sonnet-4-5-20250929-v1%3A0/converse-stream')
  expect(received.headers['x-amz-security-token']).toBe(secrets.AWS_SESSION)
  const [, signed = '', signature] =
    /SignedHeaders=([^,]+), Signature=(\w+)/.exec(received.headers.authorization ?? '') ?? []
  expect(signed.split(';')).toEqual(expect.arrayContaining(['host', 'x-amz-date', 'x-amz-security-token']))
  expect(signature).toBe(signatureOf(received, signed))
})

test('an API key of Bedrock is sent as it is, and a provider without its secret is not tried [C2.bedrock]', async () => {
  await using upstream = await fakeUpstream(response => response.end(Buffer.concat(hello)))
  const manifests = bedrock(upstream.url, { apiKey: { secret: 'BEDROCK_KEY' } })
  await using world = modelsForTest({ manifests, secrets })
  await world.models.call(scope, request, { signal })
  expect(upstream.requests[0]?.headers.authorization).toBe('Bearer bedrock-api-key')
  await using poor = modelsForTest({ manifests, secrets: {} })
  await expect(poor.models.call(scope, request, { signal })).rejects.toMatchObject({ code: 'no-provider-available' })
})

test.each([
  [
    'an exception inside the stream',
    Buffer.concat([...hello.slice(0, 2), message('throttlingException', { message: 'Slow down.' }, 'exception')]),
    'throttlingException: Slow down.',
  ],
  ['a stream that is cut', Buffer.concat(hello.slice(0, 4)), 'broke off'],
  [
    'a message that was changed on its way',
    Buffer.concat([...hello.slice(0, 2), changed(hello[4])]),
    'could not be read',
  ],
])('%s is a failure and no answer [C2.bedrock]', async (_name, bytes, said) => {
  await using upstream = await fakeUpstream(response => response.end(bytes))
  await using world = modelsForTest({ manifests: bedrock(upstream.url, keys), secrets })
  await expect(world.models.call(scope, request, { signal })).rejects.toMatchObject({
    code: 'provider-failed',
    message: expect.stringContaining(said),
  })
})

test('a quota of the account sends the call elsewhere at once, throttling is waited for [C2.bedrock]', async () => {
  for (const [type, attempts] of [
    ['ServiceQuotaExceededException', [{ failureClass: 'quota' }]],
    [
      'ThrottlingException:http://internal.amazon.com/coral/com.amazon.bedrock/',
      [{ failureClass: 'rate' }, { failureClass: 'rate' }, { failureClass: 'rate' }],
    ],
  ] as const) {
    await using upstream = await fakeUpstream(response => {
      response.writeHead(type.startsWith('Throttling') ? 429 : 400, { 'x-amzn-errortype': type })
      response.end('{"message":"No."}')
    })
    await using world = modelsForTest({ manifests: bedrock(upstream.url, keys), secrets })
    await expect(world.models.call(scope, request, { signal })).rejects.toMatchObject({ attempts })
  }
})
