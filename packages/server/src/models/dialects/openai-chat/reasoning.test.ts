import { expect, test } from 'vitest'
import { readReasoning } from './reasoning.ts'
import { WireMessage } from './wire.ts'

test('the thoughts of a stream that a client gathered come back with their text and their signature [C1.reasoning]', () => {
  const message = WireMessage.parse({
    reasoning_content: 'Hm. Aha.',
    reasoning_details: [{ type: 'reasoning.encrypted', data: 'causeway:bedrock-converse:sig' }],
  })
  expect(readReasoning(message)).toEqual([
    { type: 'reasoning', text: 'Hm. Aha.', state: { dialect: 'bedrock-converse', value: 'sig' } },
  ])
})
