import { checkManifest, Manifest } from '@causeway/contracts'
import { expect, test } from 'vitest'
import * as z from 'zod'
import { agent, policy, provider, route } from './define.ts'
import { tool } from './define-tool.ts'

const context = { idempotencyKey: 'k', runId: 'run_1', signal: new AbortController().signal }

test('a tool is defined once: its schemas become JSON Schema, and its function is guarded by them [I1.sdk]', async () => {
  const ship = tool({
    name: 'ship',
    description: 'Ships an order',
    effect: 'write',
    risk: 2,
    idempotent: true,
    input: z.strictObject({
      order: z
        .string()
        .regex(/^\d{4}$/)
        .describe('four digits'),
      count: z.number().int().default(1),
    }),
    output: z.object({ shipped: z.number() }),
    execute: async ({ order, count }, { idempotencyKey }) =>
      order === '0000' ? ({ shipped: 'none' } as never) : { shipped: count, key: idempotencyKey },
  })
  expect(ship.manifest).toEqual({
    kind: 'Tool',
    name: 'ship',
    spec: {
      description: 'Ships an order',
      effect: 'write',
      risk: 2,
      idempotent: true,
      implementation: { type: 'worker' },
      input: {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        type: 'object',
        properties: {
          order: { type: 'string', pattern: '^\\d{4}$', description: 'four digits' },
          count: { type: 'integer', default: 1, minimum: expect.any(Number), maximum: expect.any(Number) },
        },
        required: ['order'],
        additionalProperties: false,
      },
      output: expect.objectContaining({ required: ['shipped'] }),
    },
  })
  expect(await ship.run({ order: '1042' }, context)).toEqual({ shipped: 1 })
  await expect(ship.run({ order: 'x', secret: 'hunter2' }, context)).rejects.toThrow(
    /^The arguments of ship do not fit: \/order expected .*; \/secret expected one of the keys "order", "count"/,
  )
  await expect(ship.run({ order: '0000' }, context)).rejects.toThrow(
    'The result of ship does not fit: /shipped expected a number, got text',
  )
})

test('a tool with an implementation is called by the platform', () => {
  const find = tool({
    name: 'find',
    description: 'Finds an order',
    input: z.object({ order: z.string() }),
    implementation: { type: 'http', method: 'GET', url: 'https://shop.example/orders/{order}' },
  })
  expect('run' in find).toBe(false)
  expect(Manifest.parse(find.manifest)).toMatchObject({ spec: { effect: 'write', implementation: { method: 'GET' } } })
})

test('what JSON Schema cannot say is refused where the tool is defined', () => {
  expect(() =>
    tool({ name: 'wait', description: 'Waits', input: z.object({ until: z.date() }), execute: () => null }),
  ).toThrow('The input of the tool wait cannot be written as JSON Schema: Date cannot be represented in JSON Schema')
})

test('manifests made in TypeScript are those that YAML would give', () => {
  const made = [
    agent({ name: 'clerk', description: 'Sells', instructions: 'Help.', model: 'fast', tools: [] }),
    route({ name: 'fast', targets: [{ provider: 'openai', model: 'm' }] }),
    provider({
      name: 'openai',
      type: 'openai-compatible',
      baseUrl: 'http://127.0.0.1:1/v1',
      apiKey: { secret: 'OPENAI_API_KEY' },
    }),
    policy({ name: 'house', cedar: 'permit (principal, action, resource);' }),
  ]
  expect(made[0]).toEqual({
    kind: 'Agent',
    name: 'clerk',
    description: 'Sells',
    spec: { instructions: 'Help.', model: 'fast', tools: [] },
  })
  for (const manifest of made) expect(checkManifest(Manifest.parse(manifest))).toEqual([])
})
