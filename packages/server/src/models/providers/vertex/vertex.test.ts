import { generateKeyPairSync, createVerify } from 'node:crypto'
import { expect, test } from 'vitest'
import { defaultDeadlines } from '../../deadlines.ts'
import { userMessage } from '../../model-request.ts'
import { answerJson, fakeUpstream, openStream, writeEvents, type FakeUpstream } from '../../testing/fake-upstream.ts'
import type { SpecOf, Target } from '../provider-adapter.ts'
import { createUpstream } from '../transport/upstream.ts'
import { vertexUrl } from './endpoint.ts'
import { createVertex } from './index.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const serviceAccount = JSON.stringify({
  type: 'service_account',
  client_email: 'caller@project.iam.gserviceaccount.com',
  private_key: privateKey,
  // A key from a stranger must not make this server send its assertions elsewhere.
  token_uri: 'https://stranger.example/token',
})

function vertexOver(upstream: FakeUpstream, { credentials, tokenUrl }: { credentials: string; tokenUrl?: string }) {
  const sockets = createUpstream({ deadlines: defaultDeadlines })
  const secrets = {
    ready: () => undefined,
    doubt: () => undefined,
    forget: () => undefined,
    resolve: () => credentials,
    redact: (text: string) => text,
  }
  const spec: SpecOf<'vertex'> = {
    type: 'vertex',
    project: 'project',
    location: 'global',
    baseUrl: upstream.url,
    credentials: { secret: 'GOOGLE_KEY' },
  }
  const target = (model: string): Target<SpecOf<'vertex'>> => ({
    scope: { organisationId: 'organisation', environmentId: 'environment' },
    provider: 'vertex',
    spec,
    model,
  })
  const adapter = createVertex({ upstream: sockets, secrets, tokenUrl })
  return {
    target,
    adapter,
    async ask(model: string): Promise<string> {
      const request = { route: 'chat', messages: [userMessage('Hi')], tools: [] }
      let text = ''
      for await (const event of adapter.stream(target(model), request, { signal: AbortSignal.timeout(5000) }))
        if (event.type === 'text') text += event.text
      return text
    },
    [Symbol.asyncDispose]: () => sockets.close(),
  }
}

const geminiServer = () =>
  fakeUpstream(response => {
    openStream(response)
    writeEvents(response, {
      candidates: [{ content: { parts: [{ text: 'Hello' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
    })
    response.end()
  })

test('calls that come together get one token from a service account, which is kept until shortly before it expires [C2.gemini]', async () => {
  let lifetime = 3600
  await using google = await fakeUpstream(response =>
    answerJson(response, {
      access_token: `token-${google.requests.length}`,
      expires_in: lifetime,
      token_type: 'Bearer',
    }),
  )
  await using upstream = await geminiServer()
  await using vertex = vertexOver(upstream, { credentials: serviceAccount, tokenUrl: `${google.url}/token` })
  const answers = await Promise.all([vertex.ask('gemini-2.5-flash'), vertex.ask('gemini-2.5-flash')])
  expect(answers).toEqual(['Hello', 'Hello'])
  await vertex.ask('gemini-2.5-flash')
  expect(google.requests).toHaveLength(1)
  expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual(Array(3).fill('Bearer token-1'))
  const [request] = upstream.requests
  expect(request?.url).toBe(
    '/v1beta1/projects/project/locations/global/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse',
  )

  const assertion = new URLSearchParams(google.requests[0]?.body).get('assertion') ?? ''
  const [header, claims, signature] = assertion.split('.')
  expect(
    createVerify('RSA-SHA256')
      .update(`${header}.${claims}`)
      .verify(publicKey, signature ?? '', 'base64url'),
  ).toBe(true)
  expect(JSON.parse(Buffer.from(claims ?? '', 'base64url').toString())).toMatchObject({
    iss: 'caller@project.iam.gserviceaccount.com',
    scope: 'https://www.googleapis.com/auth/cloud-platform',
    aud: 'https://oauth2.googleapis.com/token',
  })

  lifetime = 60
  await using other = vertexOver(upstream, { credentials: `${serviceAccount} `, tokenUrl: `${google.url}/token` })
  await other.ask('gemini-2.5-flash')
  await other.ask('gemini-2.5-flash')
  expect(google.requests).toHaveLength(3)
})

test('an access token is sent as it is, and a key that Google refuses is told without being quoted [C2.gemini] [C8.provider-keys-hidden]', async () => {
  await using google = await fakeUpstream(response =>
    answerJson(response, { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }, 400),
  )
  await using upstream = await geminiServer()
  await using plain = vertexOver(upstream, { credentials: 'ya29.token\n' })
  await plain.ask('gemini-2.5-flash')
  expect(upstream.requests[0]?.headers.authorization).toBe('Bearer ya29.token')
  await using refused = vertexOver(upstream, { credentials: serviceAccount, tokenUrl: google.url })
  await expect(refused.ask('gemini-2.5-flash')).rejects.toMatchObject({
    code: 'provider-rejected',
    message: expect.stringMatching(/got no access token: Google answered with status 400/),
  })
  await using broken = vertexOver(upstream, { credentials: '{"private_key":"very secret"}' })
  const error = await broken.ask('gemini-2.5-flash').catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'provider-rejected' })
  expect(String(error instanceof Error && `${error.message} ${JSON.stringify(error.cause)}`)).not.toContain(
    'very secret',
  )
  expect(upstream.requests).toHaveLength(1)
})

const answer = (text: string): object[] => [
  { type: 'message_start', message: { id: 'msg_1', model: 'claude', usage: { input_tokens: 1, output_tokens: 1 } } },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } },
  { type: 'content_block_stop', index: 0 },
  { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 2 } },
  { type: 'message_stop' },
]

test('models of Anthropic are called in their own dialect, with the version in the body and the model in the address [C2.gemini]', async () => {
  await using upstream = await fakeUpstream(response => {
    openStream(response)
    for (const event of answer('Bonjour')) response.write(`event: x\ndata: ${JSON.stringify(event)}\n\n`)
    response.end()
  })
  await using vertex = vertexOver(upstream, { credentials: 'token' })
  expect(await vertex.ask('claude-sonnet-4-5@20250929')).toBe('Bonjour')
  const place = '/v1/projects/project/locations/global/publishers/anthropic/models'
  const [translated] = upstream.requests
  expect(translated?.url).toBe(`${place}/claude-sonnet-4-5@20250929:streamRawPredict`)
  const sent = JSON.parse(translated?.body ?? '')
  expect(sent).toMatchObject({ anthropic_version: 'vertex-2023-10-16', stream: true })
  expect(sent).not.toHaveProperty('model')

  const relay = (operation: 'generate' | 'count-tokens', body: string) =>
    vertex.adapter.relay?.send(vertex.target('claude-sonnet-4-5'), Buffer.from(body), {
      dialect: 'anthropic-messages',
      operation,
      stream: false,
      clientHeaders: { 'anthropic-beta': 'context-of-next-year' },
      signal: AbortSignal.timeout(5000),
    })
  await relay('generate', '{"max_tokens":1.0, "model" : "claude-sonnet-4-5","messages":[ ]}')
  await relay('count-tokens', '{"model":"claude-sonnet-4-5","messages":[]}')
  expect(upstream.requests.slice(1).map(({ url, body, headers }) => [url, body, headers['anthropic-beta']])).toEqual([
    [
      `${place}/claude-sonnet-4-5:rawPredict`,
      '{"max_tokens":1.0, "anthropic_version":"vertex-2023-10-16","messages":[ ]}',
      'context-of-next-year',
    ],
    [
      `${place}/count-tokens:rawPredict`,
      '{"anthropic_version":"vertex-2023-10-16","model":"claude-sonnet-4-5","messages":[]}',
      'context-of-next-year',
    ],
  ])
})

test('each location has its own host [C2.gemini]', () => {
  const hostAt = (location: string): string =>
    new URL(vertexUrl({ project: 'p', location }, 'gemini-2.5-pro', { operation: 'generate', stream: false })).host
  expect(['global', 'europe-west4', 'eu'].map(hostAt)).toEqual([
    'aiplatform.googleapis.com',
    'europe-west4-aiplatform.googleapis.com',
    'aiplatform.eu.rep.googleapis.com',
  ])
})
