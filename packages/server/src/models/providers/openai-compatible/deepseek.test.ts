import { expect, test } from 'vitest'
import { answerJson, fakeUpstream, openStream, writeEvents } from '../../testing/fake-upstream.ts'
import { gatewayForTest } from '../../testing/gateway-for-test.ts'
import { routeOver } from '../../testing/models-for-test.ts'

const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
const answer = '{"city":"Oslo"}'
const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 }
const head = { id: 'a', created: 1, model: 'deepseek-chat' }

/** Has JSON, but no schemas, and wants the word in the prompt. */
const deepSeek = () =>
  fakeUpstream((response, { body, url }) => {
    const request = JSON.parse(body)
    const format = request.response_format?.type ?? request.text?.format?.type
    if (format !== 'json_object' || !JSON.stringify(request.messages ?? request.instructions).includes('JSON')) {
      response.writeHead(400, { 'content-type': 'application/json' })
      return void response.end('{"error":{"message":"This response_format type is unavailable now"}}')
    }
    expect(url).toBe('/v1/chat/completions')
    const message = { role: 'assistant', content: answer }
    if (request.stream !== true)
      return answerJson(response, {
        ...head,
        object: 'chat.completion',
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage,
      })
    openStream(response)
    const chunk = { ...head, object: 'chat.completion.chunk' }
    writeEvents(response, { ...chunk, choices: [{ index: 0, delta: message, finish_reason: null }] })
    writeEvents(response, { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })
    response.end('data: [DONE]\n\n')
  })

test('a server that takes no schemas is told the schema in words, whether it is asked in its own dialect or in another [C1.structured-output]', async () => {
  await using upstream = await deepSeek()
  await using gateway = await gatewayForTest({
    manifests: routeOver({
      provider: {
        kind: 'Provider',
        name: 'deepseek',
        spec: {
          type: 'openai-compatible',
          preset: 'deepseek-beta',
          baseUrl: `${upstream.url}/v1`,
          apiKey: { secret: 'DEEPSEEK_KEY' },
        },
      },
      model: 'deepseek-chat',
    }),
    secrets: { DEEPSEEK_KEY: 'deepseek-key' },
  })
  const format = {
    type: 'json_schema' as const,
    json_schema: { name: 'place', description: 'a place', schema, strict: true },
  }
  const asked = {
    model: 'chat',
    messages: [
      { role: 'system' as const, content: 'Be brief.' },
      { role: 'user' as const, content: 'Where?' },
    ],
    response_format: format,
  }
  const whole = await gateway.client.chat.completions.create(asked)
  expect(whole.choices[0]?.message.content).toBe(answer)
  let text = ''
  for await (const chunk of await gateway.client.chat.completions.create({ ...asked, stream: true }))
    text += chunk.choices[0]?.delta.content ?? ''
  expect(text).toBe(answer)
  const { name, ...rest } = format.json_schema
  const other = await gateway.client.responses.create({
    model: 'chat',
    input: 'Where?',
    store: false,
    text: { format: { type: 'json_schema', name, ...rest } },
  })
  expect(other.output_text).toBe(answer)
  const told = upstream.requests.map(({ body }) => JSON.parse(body).messages[0])
  expect(told).toHaveLength(3)
  for (const message of told) {
    expect(message.role).toBe('system')
    expect(JSON.stringify(message.content)).toContain(JSON.stringify(JSON.stringify(schema)).slice(1, -1))
  }
  expect(JSON.stringify(told[0].content)).toContain('Be brief.')

  // Nor does it know a role that clients of OpenAI give to instructions.
  await gateway.client.chat.completions.create({
    ...asked,
    messages: [{ role: 'developer', content: 'Be brief.' }, ...asked.messages.slice(1)],
  })
  const roles = JSON.parse(upstream.requests.at(-1)?.body ?? '').messages.map(({ role }: { role: string }) => role)
  expect(roles).toEqual(['system', 'user'])

  // What it understands goes as it is.
  const plain =
    '{"model":"chat" , "messages":[{"role":"user","content":"JSON, please"}],"response_format":{"type":"json_object"}}'
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
    body: plain,
  })
  expect(response.status).toBe(200)
  expect(upstream.requests.at(-1)?.body).toBe(plain.replace('"chat"', '"deepseek-chat"'))
})
