import { expect, test } from 'vitest'
import { historyOf } from './history.ts'

test('a conversation becomes a history in which calls carry their results [C2.local-gguf]', () => {
  const history = historyOf([
    { role: 'system', text: 'Be brief.' },
    { role: 'user', text: 'Weather?' },
    {
      role: 'assistant',
      text: 'I look.',
      toolCalls: [
        { callId: 'a', tool: 'weather', arguments: { city: 'Oslo' } },
        { callId: 'b', tool: 'weather', arguments: { city: 'Rome' } },
      ],
    },
    { role: 'tool', callId: 'b', tool: 'weather', text: 'no such city', failed: true },
    { role: 'tool', callId: 'a', tool: 'weather', text: '-4', failed: false },
  ])
  expect(history).toEqual([
    { type: 'system', text: 'Be brief.' },
    { type: 'user', text: 'Weather?' },
    {
      type: 'model',
      response: [
        'I look.',
        { type: 'functionCall', name: 'weather', params: { city: 'Oslo' }, result: '-4' },
        { type: 'functionCall', name: 'weather', params: { city: 'Rome' }, result: { error: 'no such city' } },
      ],
    },
  ])
  expect(historyOf([{ role: 'user', text: 'Hi' }]).at(-1)).toEqual({ type: 'model', response: [] })
})
