import { expect, test } from 'vitest'
import type { ManifestInput } from '@causeway/contracts'
import type OpenAI from 'openai'
import { gatewayForTest } from '../testing/gateway-for-test.ts'
import { routeOver } from '../testing/models-for-test.ts'

const script: ManifestInput & { kind: 'Provider' } = {
  kind: 'Provider',
  name: 'script',
  spec: {
    type: 'rehearsal',
    conversations: [
      {
        match: 'weather in (\\w+)',
        turns: [
          { text: 'Let me look.', toolCalls: [{ tool: 'weather', arguments: { city: '{{match.1}}', days: 2 } }] },
          { text: 'It is {{result.weather.degrees}} degrees in {{match.1}}.' },
        ],
      },
    ],
    otherwise: [{ text: 'Good day to you.' }],
  },
}
const manifests = routeOver({ provider: script, model: 'any' })

const tools: OpenAI.ChatCompletionTool[] = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
]

test('the official client chats with a provider of another dialect, tools included [C1.chat-completions-official-client] [C1.chat-completions-tools]', async () => {
  await using gateway = await gatewayForTest({ manifests })
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'The weather in Oslo?' }]
  const { data: first, response } = await gateway.client.chat.completions
    .create({ model: 'chat', messages, tools })
    .withResponse()
  const [choice] = first.choices
  expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { role: 'assistant', content: 'Let me look.' } })
  const [toolCall] = choice?.message.tool_calls ?? []
  if (!choice || toolCall?.type !== 'function') throw new Error('there is no tool call')
  expect(JSON.parse(toolCall.function.arguments)).toEqual({ city: 'Oslo', days: 2 })
  expect(Object.fromEntries(response.headers)).toMatchObject({
    'causeway-rehearsal': 'true',
    'causeway-provider': 'script',
  })

  messages.push(choice.message, { role: 'tool', tool_call_id: toolCall.id, content: '{"degrees":-4}' })
  const second = await gateway.client.chat.completions.create({ model: 'chat', messages, tools })
  expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'It is -4 degrees in Oslo.' } })
  expect(second.usage?.total_tokens).toBe((second.usage?.prompt_tokens ?? 0) + (second.usage?.completion_tokens ?? 0))
  expect(await gateway.recorded(1)).toMatchObject({ rehearsal: true, cost: { nanoUsd: 0, status: 'exact' } })
})

test('the same answer arrives as a stream, with usage for those who ask [C1.streaming] [C1.chat-completions-tools]', async () => {
  await using gateway = await gatewayForTest({ manifests })
  const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'The weather in Oslo?' }]
  const stream = gateway.client.chat.completions.stream({
    model: 'chat',
    messages,
    tools,
    stream_options: { include_usage: true },
  })
  const pieces: string[] = []
  stream.on('content', piece => pieces.push(piece))
  const answer = await stream.finalChatCompletion()
  expect(pieces.join('')).toBe('Let me look.')
  expect(pieces.length).toBeGreaterThan(1)
  expect(answer.choices[0]).toMatchObject({
    finish_reason: 'tool_calls',
    message: {
      content: 'Let me look.',
      tool_calls: [{ type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo","days":2}' } }],
    },
  })
  expect(answer.usage?.prompt_tokens).toBeGreaterThan(0)

  const bare = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer caller', 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'chat',
      stream: true,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hello' }] }],
    }),
  })
  const text = await bare.text()
  expect(text).not.toContain('usage')
  expect(text.endsWith('data: [DONE]\n\n')).toBe(true)
})

test('what cannot be translated is refused with the place of it, and hints are let go [C1.chat-completions-official-client]', async () => {
  await using gateway = await gatewayForTest({ manifests })
  const several = gateway.client.chat.completions.create({
    model: 'chat',
    n: 2,
    messages: [{ role: 'user', content: 'Hi' }],
  })
  await expect(several).rejects.toMatchObject({ status: 400, code: 'invalid-request', param: 'n' })
  const hints = { seed: 7, user: 'someone', metadata: { a: 'b' }, presence_penalty: 0.5 }
  const { data: answer, response } = await gateway.client.chat.completions
    .create({ model: 'chat', messages: [{ role: 'user', content: 'Hi' }], ...hints })
    .withResponse()
  expect(response.headers.get('causeway-dropped')).toBe('metadata')
  expect(answer.choices[0]?.message.content).toBe('Good day to you.')
})
