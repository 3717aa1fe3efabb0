import { assistantMessage, systemMessage, toolMessage, userMessage } from '../../model-request.ts'
import { expect, test } from 'vitest'
import { historyOf } from './history.ts'

test('a conversation becomes a history in which calls carry their results [C2.local-gguf]', () => {
  const history = historyOf([
    systemMessage('Be brief.'),
    userMessage('Weather?'),
    assistantMessage('I look.', [
      { callId: 'a', tool: 'weather', arguments: { city: 'Oslo' } },
      { callId: 'b', tool: 'weather', arguments: { city: 'Rome' } },
    ]),
    toolMessage({ callId: 'b', tool: 'weather', text: 'no such city', failed: true }),
    toolMessage({ callId: 'a', tool: 'weather', text: '-4', failed: false }),
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
  expect(historyOf([userMessage('Hi')]).at(-1)).toEqual({ type: 'model', response: [] })
})
