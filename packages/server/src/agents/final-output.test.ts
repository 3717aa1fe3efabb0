import { describe, expect, test } from 'vitest'
import { isWordless, readFinalOutput } from './final-output.ts'

const object = (properties: object, more: object = { additionalProperties: false }) => ({
  type: 'object',
  properties,
  ...more,
})

describe('an output without room for words', () => {
  test.each([
    [{ enum: ['yes', 'no'] }],
    [{ const: 'x' }],
    [{ type: 'integer' }],
    [{ type: 'string', format: 'date' }],
    [{ type: 'string', pattern: '^[A-Z0-9-]{1,12}$', maxLength: 12 }],
    [{ type: 'array', maxItems: 10, items: { type: 'boolean' } }],
    [object({ kind: { enum: ['a', 'b'] }, amount: { type: 'number' } })],
  ])('is %j [E2.quarantine]', schema => expect(isWordless(schema)).toBe(true))

  test.each([
    [{}],
    [true],
    [{ type: 'string' }],
    [{ type: 'string', maxLength: 20 }],
    [{ type: 'string', format: 'email' }],
    [{ type: 'string', format: 'uri' }],
    [{ type: 'string', pattern: '^[A-Z ]{1,60}$', maxLength: 60 }],
    [{ type: 'string', pattern: '^[^x]{1,60}$', maxLength: 60 }],
    [{ type: 'string', pattern: '[A-Z]{1,12}', maxLength: 12 }],
    [{ type: 'string', pattern: '^[A-Z0-9]{1,99}$', maxLength: 99 }],
    [{ type: 'array', items: { type: 'boolean' } }],
    [{ type: 'array', maxItems: 10, items: { type: 'string' } }],
    [object({ kind: { enum: ['a'] } }, {})],
    [object({ kind: { enum: ['a'] }, note: { type: 'string' } })],
    [{ ...object({}), patternProperties: { '.*': { type: 'string' } } }],
    [{ anyOf: [{ type: 'string' }] }],
    [{ $ref: '#/$defs/x' }],
    [{ type: ['string', 'null'] }],
  ])('is not %j [E2.quarantine]', schema => expect(isWordless(schema)).toBe(false))
})

test('a final answer is read from a fence too, and what is wrong is said [E4.structured-output]', () => {
  const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }
  expect(readFinalOutput(schema, '```json\n{"a": 1}\n```')).toEqual({ value: { a: 1 }, text: '{"a": 1}' })
  expect(readFinalOutput(schema, ' {"a": 1} ')).toEqual({ value: { a: 1 }, text: '{"a": 1}' })
  expect(readFinalOutput(schema, 'Here: {"a": 1}')).toEqual({ problem: 'expected JSON and nothing else' })
  expect(readFinalOutput(schema, '{"a": "1"}').problem).toContain('/a')
})
