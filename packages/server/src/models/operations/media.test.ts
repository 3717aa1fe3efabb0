import { randomBytes } from 'node:crypto'
import OpenAI, { toFile } from 'openai'
import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import { answerJson, fakeUpstream } from '../testing/fake-upstream.ts'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'
import { recordings } from '../testing/recordings.ts'

const over = (url: string, name = 'upstream'): ManifestInput & { kind: 'Provider' } => ({
  kind: 'Provider',
  name,
  spec: {
    type: 'openai-compatible',
    preset: 'openai',
    baseUrl: `${url}/v1`,
    prices: { models: { m: { input: 5, output: 40 } } },
  },
})

const image = randomBytes(300_000)

test('images are made, paid by what the answer says was used, and a failing target is passed over [C1.media]', async () => {
  await using broken = await fakeUpstream(response => answerJson(response, { error: { message: 'down' } }, 503))
  await using upstream = await fakeUpstream(response =>
    answerJson(response, {
      created: 1,
      data: [{ b64_json: image.toString('base64') }],
      usage: { total_tokens: 1100, input_tokens: 100, output_tokens: 1000, input_tokens_details: { text_tokens: 100 } },
    }),
  )
  await using gateway = await gatewayForTest({
    manifests: routeOver(
      { provider: over(broken.url, 'broken'), model: 'm' },
      { provider: over(upstream.url), model: 'm' },
    ),
  })
  const made = await gateway.client.images.generate({ model: 'chat', prompt: 'A lighthouse', size: '1024x1024' })
  expect(made.data?.[0]?.b64_json).toBe(image.toString('base64'))
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toEqual({
    model: 'm',
    prompt: 'A lighthouse',
    size: '1024x1024',
  })
  expect(await gateway.recorded()).toMatchObject({
    dialect: 'openai-media',
    provider: 'upstream',
    usage: { inputTokens: 100, outputTokens: 1000 },
    cost: { nanoUsd: 40_500_000, status: 'exact' },
  })
})

test('speech is made and written down: files go both ways, the model is named by its route [C1.media]', async () => {
  const sound = randomBytes(400_000)
  await using upstream = await fakeUpstream((response, { url }) => {
    if (url === '/v1/audio/speech') response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(sound)
    else answerJson(response, { text: 'The sun rises.', usage: { type: 'duration', seconds: 7 } })
  })
  await using gateway = await gatewayForTest({ manifests: routeOver({ provider: over(upstream.url), model: 'm' }) })
  const spoken = await gateway.client.audio.speech.create({ model: 'chat', voice: 'alloy', input: 'The sun rises.' })
  expect(spoken.headers.get('content-type')).toBe('audio/mpeg')
  expect(Buffer.from(await spoken.arrayBuffer()).equals(sound)).toBe(true)

  const file = await toFile(Buffer.from('RIFF sound'), 'sound.wav')
  const written = await gateway.client.audio.transcriptions.create({ model: 'chat', file, language: 'en' })
  expect(written.text).toBe('The sun rises.')
  const [, request] = upstream.requests
  expect(request?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/)
  const form = await new Response(request?.body ?? '', {
    headers: { 'content-type': request?.headers['content-type'] ?? '' },
  }).formData()
  expect([form.get('model'), form.get('language')]).toEqual(['m', 'en'])
  const sent = form.get('file')
  expect(sent instanceof File && [sent.name, await sent.text()]).toEqual(['sound.wav', 'RIFF sound'])
  expect(await gateway.recorded(1)).toMatchObject({ usageEstimated: true, outcome: 'completed' })
})

test('what is refused, what breaks off, and a provider without images are told [C1.media, C1.errors]', async () => {
  await using upstream = await fakeUpstream((response, { url }) => {
    if (url === '/v1/images/edits') answerJson(response, { error: { message: 'bad mask', code: 'mask' } }, 400)
    else {
      response.writeHead(200, { 'content-type': 'audio/mpeg', 'content-length': 1_000_000 })
      response.write(randomBytes(100_000))
      setTimeout(() => response.destroy(), 50)
    }
  })
  const script: ManifestInput = {
    kind: 'Provider',
    name: 'script',
    spec: { type: 'rehearsal', conversations: [], otherwise: [{ text: 'Hi.' }] },
  }
  await using gateway = await gatewayForTest({
    manifests: [...routeOver({ provider: over(upstream.url), model: 'm' }), script],
  })
  const picture = await toFile(Buffer.from('PNG'), 'picture.png', { type: 'image/png' })
  await expect(
    gateway.client.images.edit({ model: 'chat', image: picture, prompt: 'Add a boat' }),
  ).rejects.toMatchObject({ status: 400, code: 'mask' })
  const cut = await gateway.client.audio.speech.create({ model: 'chat', voice: 'alloy', input: 'Hello' })
  await expect(cut.arrayBuffer()).rejects.toThrow(/terminated|aborted|closed/)
  expect(await gateway.recorded(1)).toMatchObject({ outcome: 'failed', errorCode: 'provider-failed' })
  await expect(gateway.client.images.generate({ model: 'script/x', prompt: 'A boat' })).rejects.toThrow(
    'Provider "script" has no models that make images.',
  )
  const noModel = await fetch(`${gateway.url}/v1/audio/translations`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller' },
    body: new FormData(),
  })
  expect([noModel.status, await noModel.json()]).toMatchObject([400, { error: { param: 'model' } }])
  const broken = await fetch(`${gateway.url}/v1/audio/translations`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'multipart/form-data; boundary=x' },
    body: '--x\r\nnothing',
  })
  expect(broken.status).toBe(400)
  await expect(
    new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: 'viewer', maxRetries: 0 }).images.generate({
      model: 'chat',
      prompt: 'a',
    }),
  ).rejects.toMatchObject({ status: 403 })
})

const recorded = (['images-generations', 'audio-transcriptions', 'audio-translations'] as const).flatMap(endpoint =>
  recordings('openai', endpoint).map(recording => ({ ...recording, path: endpoint.replace('-', '/') })),
)

test.skipIf(recorded.length === 0)(
  `recorded answers with images and speech go by as they are (recordings beside this repository: ${recorded.length}) [C1.media]`,
  async () => {
    for (const { response: original, path, name } of recorded) {
      const body = original.sse_text ?? JSON.stringify(original.body)
      await using upstream = await fakeUpstream(response =>
        response
          .writeHead(original.status, {
            'content-type': 'application/json',
            ...(original.sse_text && { 'content-type': 'text/event-stream' }),
          })
          .end(body),
      )
      await using gateway = await gatewayForTest({ manifests: routeOver({ provider: over(upstream.url), model: 'm' }) })
      const form = new FormData()
      form.set('model', 'chat')
      const response = await fetch(`${gateway.url}/v1/${path}`, {
        method: 'POST',
        headers: { authorization: 'Bearer caller' },
        body: form,
      })
      expect([name, response.status, await response.text()]).toEqual([name, original.status, body])
    }
  },
)
