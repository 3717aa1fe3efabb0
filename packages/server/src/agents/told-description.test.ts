import { ToolSpec } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { toldDescription } from './told-description.ts'

test('a model is told what takes the place of a tool that goes out of use, and nothing of what is for people [B1.deprecation]', () => {
  const spec = ToolSpec.parse({
    description: 'Finds an order.',
    documentation: 'For people.',
    owner: 'team orders',
    deprecation: { endsAt: '2999-01-01T00:00:00Z', successor: 'find' },
    input: { type: 'object' },
    implementation: { type: 'worker' },
  })
  expect(toldDescription(spec)).toBe('Finds an order. It goes out of use: call find in its place where you can.')
})
