import { expect, test } from 'vitest'
import { collectAnswer } from '../../answer-collector.ts'
import type { OpaqueState } from '../../content.ts'
import type { ModelEvent } from '../../model-event.ts'
import { anthropicMessages } from '../anthropic-messages/index.ts'
import type { ClientDialect } from '../dialect.ts'
import { openAiChat } from '../openai-chat/index.ts'
import { openAiResponses } from '../openai-responses/index.ts'
import { gemini } from './index.ts'

const signed = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [
          { text: 'I should look.', thought: true },
          { functionCall: { id: 'one', name: 'weather', args: { city: 'Oslo' } }, thoughtSignature: 'c2lnbmF0dXJl' },
          { functionCall: { id: 'two', name: 'weather', args: { city: 'Rome' } } },
        ],
      },
      finishReason: 'STOP',
    },
  ],
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1 },
}

type Json = Record<string, unknown>
interface Client {
  dialect: ClientDialect
  /** The request in which a client hands an answer back, with the results of its tools. */
  next(answer: Json): Json
}

const results = [
  { id: 'one', text: 'frost' },
  { id: 'two', text: 'sun' },
]

const clients: Record<string, Client> = {
  'openai-chat': {
    dialect: openAiChat,
    next: answer => ({
      model: 'chat',
      messages: [
        { role: 'user', content: 'Hi' },
        (answer['choices'] as { message: Json }[])[0]?.message,
        ...results.map(({ id, text }) => ({ role: 'tool', tool_call_id: id, content: text })),
      ],
    }),
  },
  'openai-responses': {
    dialect: openAiResponses,
    next: answer => ({
      model: 'chat',
      store: false,
      input: [
        { role: 'user', content: 'Hi' },
        ...(answer['output'] as Json[]),
        ...results.map(({ id, text }) => ({ type: 'function_call_output', call_id: id, output: text })),
      ],
    }),
  },
  'anthropic-messages': {
    dialect: anthropicMessages,
    next: answer => ({
      model: 'chat',
      max_tokens: 10,
      messages: [
        { role: 'user', content: 'Hi' },
        { role: 'assistant', content: answer['content'] },
        {
          role: 'user',
          content: results.map(({ id, text }) => ({ type: 'tool_result', tool_use_id: id, content: text })),
        },
      ],
    }),
  },
  gemini: {
    dialect: gemini,
    next: answer => ({
      contents: [
        { role: 'user', parts: [{ text: 'Hi' }] },
        (answer['candidates'] as { content: Json }[])[0]?.content,
        {
          role: 'user',
          parts: results.map(({ id, text }) => ({
            functionResponse: { id, name: 'weather', response: { output: text } },
          })),
        },
      ],
    }),
  },
}

const head = { requestId: 'r', created: 1, model: 'm', request: {} }

test.each(Object.entries(clients))(
  'the signature of a thought comes back to Gemini through a client of %s [C2.gemini] [C1.reasoning]',
  (_, { dialect, next }) => {
    const answer = dialect.writeAnswer(head, collectAnswer(gemini.readAnswer('google', signed)))
    const request = dialect.readRequest(Buffer.from(JSON.stringify(next(answer))), { model: 'chat' })
    const { body } = gemini.writeRequest(request, { model: 'gemini-3-flash-preview', stream: false })
    const [, said, returned] = body['contents'] as { role: string; parts: Json[] }[]
    expect(said?.parts.filter(part => 'functionCall' in part)).toEqual(signed.candidates[0]?.content.parts.slice(1))
    expect(returned?.parts).toEqual(
      results.map(({ id, text }) => ({ functionResponse: { id, name: 'weather', response: { output: text } } })),
    )
  },
)

test.each(Object.entries(clients))(
  'the signature of a thought is in the stream for a client of %s, and that of a text comes back [C2.gemini]',
  (_, { dialect, next }) => {
    const events = gemini.readAnswer('google', signed)
    const writer = dialect.writeStream(head)
    const stream = [writer.begin(), ...events.map(event => writer.write(event)), writer.end(collectAnswer(events))]
    expect(stream.join('')).toContain('c2lnbmF0dXJl')

    const text = {
      candidates: [{ content: { parts: [{ text: 'Yes', thoughtSignature: 'dGV4dA==' }] }, finishReason: 'STOP' }],
    }
    const answer = dialect.writeAnswer(head, collectAnswer(gemini.readAnswer('google', text)))
    const request = dialect.readRequest(Buffer.from(JSON.stringify(next(answer))), { model: 'chat' })
    const { body } = gemini.writeRequest(request, { model: 'gemini-3-flash-preview', stream: false })
    expect(JSON.stringify(body)).toContain('dGV4dA==')
  },
)

test('state of another provider comes back to it through a client of Gemini, and never reaches Gemini [C1.reasoning]', () => {
  const state: OpaqueState = { dialect: 'anthropic-messages', value: 'EuYBCkQ=' }
  const events: ModelEvent[] = [
    { type: 'reasoning', text: 'Hm' },
    { type: 'reasoning-state', state },
    { type: 'text', text: 'Yes' },
    { type: 'finished', reason: 'stop' },
  ]
  const answer = gemini.writeAnswer(head, collectAnswer(events))
  const content = (answer['candidates'] as { content: { parts: Json[] } }[])[0]?.content
  // Some of Google's clients decode the field and encode it again, with the alphabet of URLs.
  for (const part of content?.parts ?? [])
    if (typeof part['thoughtSignature'] === 'string')
      part['thoughtSignature'] = Buffer.from(part['thoughtSignature'], 'base64').toString('base64url')
  const request = gemini.readRequest(Buffer.from(JSON.stringify({ contents: [content] })), { model: 'chat' })
  expect(request.messages).toEqual([
    {
      role: 'assistant',
      content: [
        { type: 'reasoning', text: 'Hm', state },
        { type: 'text', text: 'Yes' },
      ],
    },
  ])
  expect(JSON.stringify(gemini.writeRequest(request, { model: 'gemini-3-pro', stream: false }))).not.toContain('EuYB')
})

test('a call that no model of Google made is marked as such for the models that demand a signature [C2.gemini]', () => {
  const request = clients['openai-chat']?.dialect.readRequest(
    Buffer.from(
      JSON.stringify({
        model: 'chat',
        messages: [
          { role: 'user', content: 'Hi' },
          {
            role: 'assistant',
            tool_calls: [{ id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{}' } }],
          },
          { role: 'tool', tool_call_id: 'call_1', content: '{"degrees":3}' },
        ],
      }),
    ),
    {},
  )
  if (!request) throw new Error('there is no such client')
  const written = (model: string): string => JSON.stringify(gemini.writeRequest(request, { model, stream: false }).body)
  expect(written('gemini-3-pro')).toContain('skip_thought_signature_validator')
  expect(written('gemini-2.5-pro')).not.toContain('thoughtSignature')
})
