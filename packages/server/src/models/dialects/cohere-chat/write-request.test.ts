import { describe, expect, test } from 'vitest'
import { CausewayError } from '@causeway/contracts'
import { collectAnswer } from '../../answer-collector.ts'
import { userMessage, type ModelRequest } from '../../model-request.ts'
import { cohereChat } from './index.ts'

const write = (request: Partial<ModelRequest>, model = 'command-a-reasoning-08-2025') =>
  cohereChat.writeRequest({ route: 'r', messages: [], tools: [], ...request }, { model, stream: true })
const tool = (name: string) => ({ name, description: '', input: { type: 'object' } })

describe('requests for Cohere', () => {
  test('what a model planned and thought goes back to where it came from [C2.cohere]', () => {
    const answer = collectAnswer(
      cohereChat.readAnswer('cohere', {
        finish_reason: 'TOOL_CALL',
        message: {
          tool_plan: 'I will look.',
          content: [{ type: 'thinking', thinking: 'Hm.' }],
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
        },
      }),
    )
    const { body } = write({
      messages: [
        userMessage('Oslo?'),
        { role: 'assistant', content: answer.content },
        {
          role: 'tool',
          callId: 'a',
          tool: 'weather',
          failed: false,
          content: [
            { type: 'text', text: '-4' },
            { type: 'media', media: 'image', source: { type: 'url', url: 'https://example.org/a.png' } },
          ],
        },
      ],
    })
    expect(body['messages']).toEqual([
      { role: 'user', content: 'Oslo?' },
      {
        role: 'assistant',
        tool_plan: 'I will look.',
        content: [{ type: 'thinking', thinking: 'Hm.' }],
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: '-4' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://example.org/a.png' } }] },
    ])
  })

  test('a tool that must be called is the only one that is offered [C2.cohere]', () => {
    const { body } = write({ tools: [tool('a'), tool('b')], toolChoice: { tool: 'b' } })
    expect(body).toMatchObject({ tools: [{ function: { name: 'b' } }], tool_choice: 'REQUIRED' })
    expect(write({ tools: [tool('a')], toolChoice: 'auto' }).body).not.toHaveProperty('tool_choice')
  })

  test('settings are brought to its scales and names, and the rest is named [C1.unknown-fields]', () => {
    const { body, dropped } = write(
      {
        temperature: 1.8,
        topP: 1,
        topK: 5,
        stop: ['END'],
        frequencyPenalty: -1,
        maxOutputTokens: 10,
        output: { type: 'json-schema', name: 'city', schema: { type: 'object' } },
        reasoning: { effort: 'low' },
        user: 'u',
        parallelToolCalls: false,
      },
      'command-r-plus',
    )
    expect(body).toMatchObject({
      temperature: 1,
      p: 0.99,
      k: 5,
      stop_sequences: ['END'],
      frequency_penalty: 0,
      max_tokens: 10,
      response_format: { type: 'json_object', json_schema: { type: 'object' } },
    })
    expect(dropped).toEqual(['reasoning', 'parallel_tool_calls', 'user'])
    expect(write({ reasoning: { effort: 'low' } }).body['thinking']).toEqual({ type: 'enabled', token_budget: 2048 })
    expect(write({ reasoning: { effort: 'none' } }).body['thinking']).toEqual({ type: 'disabled' })
  })

  test('what cannot be expressed is refused before anything is sent [C1.translate-dialects]', () => {
    const sound = { type: 'media', media: 'audio', source: { type: 'base64', data: 'AA==' } } as const
    expect(() => write({ messages: [{ role: 'user', content: [sound] }] })).toThrow(CausewayError)
  })

  test('a failure that is told as the end of an answer is a failure [C2.cohere]', () => {
    expect(() => cohereChat.readAnswer('cohere', { finish_reason: 'ERROR', message: { content: [] } })).toThrow(/ERROR/)
  })
})
