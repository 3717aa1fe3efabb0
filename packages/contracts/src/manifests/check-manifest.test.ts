import { describe, expect, test } from 'vitest'
import { checkManifest, Manifest, type ManifestInput, type ProblemPlace } from '../index.ts'

type Spec<Kind extends ManifestInput['kind']> = Extract<ManifestInput, { kind: Kind }>['spec']

const problemsOf = (input: ManifestInput): ProblemPlace[] => checkManifest(Manifest.parse(input))

const properties = { order: { type: 'string' }, note: { type: 'object' } }
const http = (implementation: object): Spec<'Tool'>['implementation'] => ({
  type: 'http',
  url: 'https://orders.example/{order}',
  ...implementation,
})

/** Problems of a tool that is right but for what is given. */
const tool = (spec: Partial<Spec<'Tool'>>): ProblemPlace[] =>
  problemsOf({
    kind: 'Tool',
    name: 'lookup-order',
    spec: {
      description: 'Finds an order.',
      input: { type: 'object', properties, required: ['order', 'note'] },
      implementation: http({}),
      ...spec,
    },
  })

const provider = (spec: Spec<'Provider'>): ProblemPlace[] => problemsOf({ kind: 'Provider', name: 'p', spec })

function nested(levels: number): Record<string, unknown> {
  return levels === 0 ? { type: 'string' } : { type: 'array', items: nested(levels - 1) }
}

describe('a tool', () => {
  test('asks nothing where its answers are kept from those whom it would ask', () => {
    const mcp: Spec<'Tool'>['implementation'] = {
      type: 'mcp',
      server: 's',
      tool: 't',
      definition: 'a'.repeat(64),
      asks: ['elicitation'],
    }
    expect(tool({ implementation: mcp })).toEqual([])
    expect(tool({ implementation: mcp, result: { handle: true }, output: { type: 'object' } })).toEqual([
      {
        pointer: '/spec/implementation/asks',
        message: expect.stringMatching(/^expected nothing: what the tool answers/),
      },
    ])
  })

  test('is repeated only when that does no harm', () => {
    expect(tool({ retries: 2 })).toEqual([
      {
        pointer: '/spec/retries',
        message: expect.stringMatching(/^expected 0, got 2: only a tool that is idempotent/),
      },
    ])
    expect([...tool({ retries: 2, idempotent: true }), ...tool({ retries: 2, effect: 'read' })]).toEqual([])
  })

  test('has a bounded input schema of its own whose root is an object', () => {
    const input = { type: 'object', properties, required: ['order'] }
    const deep = { ...input, properties: { ...properties, deep: nested(20) } }
    const pointerOf = (schema: Record<string, unknown>): string[] => tool({ input: schema }).map(each => each.pointer)
    expect(pointerOf({ ...input, type: 'array' })).toEqual(['/spec/input/type'])
    expect(pointerOf({ properties, required: ['order'] })).toEqual(['/spec/input'])
    expect(pointerOf(deep)).toEqual([`/spec/input/properties/deep${'/items'.repeat(14)}`])
    expect(pointerOf({ ...input, description: 'x'.repeat(70_000) })).toEqual(['/spec/input'])
    expect(pointerOf({ ...input, $defs: { a: { $ref: 'https://elsewhere.example/a' } } })).toEqual([
      '/spec/input/$defs/a/$ref',
    ])
    expect(pointerOf({ ...input, additionalProperties: { pattern: '(' } })).toEqual([
      '/spec/input/additionalProperties/pattern',
    ])
    expect(pointerOf({ ...input, patternProperties: { ['x'.repeat(501)]: {} } })).toEqual([
      `/spec/input/patternProperties/${'x'.repeat(501)}`,
    ])
    expect(tool({ output: { $ref: 'other.json' } }).map(each => each.pointer)).toEqual(['/spec/output/$ref'])
  })

  test('may name its own properties like keywords and refer within its schema', () => {
    const named = { $ref: { type: 'string' }, pattern: { type: 'string' }, order: { type: 'string' } }
    const input = {
      type: 'object',
      properties: { ...named, more: { $ref: '#/$defs/more' } },
      required: ['order'],
      $defs: { more: { enum: [{ $ref: 'data', pattern: '(' }] } },
    }
    expect(tool({ input })).toEqual([])
  })

  test('has a required scalar for each placeholder of its URL', () => {
    const messageOf = (url: string): string[] =>
      tool({ implementation: http({ url: `https://orders.example/${url}` }) }).map(each => each.message)
    expect(messageOf('{order}?note={order}')).toEqual([])
    expect(messageOf('{ordre}')).toEqual([
      'expected the placeholder {ordre} to be a required property of the input schema',
    ])
    expect(messageOf('{note}')).toEqual([expect.stringContaining('with a scalar type')])
    expect(messageOf('{order')).toEqual([expect.stringContaining('a brace that stands alone')])
    expect(tool({ input: { type: 'object', properties } }).map(each => each.pointer)).toEqual([
      '/spec/implementation/url',
    ])
  })
})

test('secrets are handles: what is written down is refused, with the handle to use [H3.secrets-only-as-handles]', () => {
  for (const name of ['Authorization', 'x-api-key', 'X-Auth-Token', 'cookie', 'client_secret', 'Password']) {
    const found = tool({ implementation: http({ headers: { [name]: 'hunter2' } }) })
    expect(found).toEqual([
      {
        pointer: `/spec/implementation/headers/${name}`,
        message: expect.stringMatching(/^expected a secret handle such as \{ secret: LOOKUP_ORDER_\w+ \}, got text/),
      },
    ])
    expect(JSON.stringify(found)).not.toContain('hunter2')
    expect(tool({ implementation: http({ headers: { [name]: { secret: 'ORDERS_KEY' } } }) })).toEqual([])
  }
  expect(tool({ implementation: http({ headers: { 'x-tenant': 'Bearer abc' } }) })).toHaveLength(1)
  expect(tool({ implementation: http({ headers: { accept: 'application/json' } }) })).toEqual([])
  expect(tool({ implementation: http({ url: 'https://orders.example/{order}?api_key=hunter2' }) })).toMatchObject([
    { pointer: '/spec/implementation/url', message: expect.stringContaining('"api_key"') },
  ])
  for (const baseUrl of ['https://me:hunter2@models.example/v1', 'https://models.example/v1?token=hunter2']) {
    const found = provider({ type: 'openai-compatible', baseUrl })
    expect(found.map(({ pointer }) => pointer)).toEqual(['/spec/baseUrl'])
    expect(JSON.stringify(found)).not.toContain('hunter2')
  }
})

test('a header cannot smuggle another one', () => {
  expect(tool({ implementation: http({ headers: { 'x-note': 'a\r\nx-admin: 1', 'bad name': 'x' } }) })).toMatchObject([
    { pointer: '/spec/implementation/headers/x-note' },
    { pointer: '/spec/implementation/headers/bad name' },
  ])
})

test('a rehearsal matches by regular expressions, and an agent has each tool once', () => {
  const turns = [{ text: 'Hello.' }]
  const conversations = [
    { match: 'fine', turns },
    { match: '(', turns },
  ]
  expect(provider({ type: 'rehearsal', conversations, otherwise: turns }).map(({ pointer }) => pointer)).toEqual([
    '/spec/conversations/1/match',
  ])
  const spec = { instructions: 'Help.', model: 'm', tools: ['a', 'b', 'a'] }
  expect(problemsOf({ kind: 'Agent', name: 'a', spec })).toEqual([
    { pointer: '/spec/tools/2', message: 'expected each tool once, got "a" again' },
  ])
})

test('what JSON or the database cannot hold is refused at its place', () => {
  const pointersOf = (values: Record<string, unknown>): string[] =>
    provider({
      type: 'rehearsal',
      conversations: [],
      otherwise: [{ toolCalls: [{ tool: 't', arguments: values }] }],
    }).map(({ pointer }) => pointer.replace('/spec/otherwise/0/toolCalls/0/arguments', ''))
  let deep: unknown = 'x'
  for (let level = 0; level < 100_000; level += 1) deep = [deep]
  expect(pointersOf({ fine: [1, null, true, 'ä', { a: {} }] })).toEqual([])
  expect(pointersOf({ nul: 'a\0', half: '\ud800', nan: Number.NaN, date: new Date(), big: 1n, run: () => 1 })).toEqual([
    '/nul',
    '/half',
    '/nan',
    '/date',
    '/big',
    '/run',
  ])
  expect(pointersOf({ 'a\0': 1 })).toEqual([''])
  expect(pointersOf({ deep })).toEqual([expect.stringMatching(/^\/deep(\/0)+$/)])
})

test.each([
  [{ action: 'redact' }, '/spec'],
  [{ detectors: ['email'], action: 'classify' }, '/spec/action'],
  [{ detectors: ['email'], action: 'redact', at: ['output'], dataClass: 'personal' }, '/spec/at'],
  [{ detectors: ['email'], patterns: [{ name: 'email', match: 'x' }], action: 'redact' }, '/spec/patterns/0/name'],
])('a guardrail says what it looks for and what follows: %j [C6.redaction]', (spec, pointer) => {
  expect(checkManifest(Manifest.parse({ kind: 'Guardrail', name: 'own', spec }))).toMatchObject([{ pointer }])
})
