import { expect, test } from 'vitest'
import { explainIssues, jsonPointer, Manifest } from '../index.ts'

/** `pointer (part): message` of each issue. */
const explain = (input: unknown): string[] =>
  explainIssues(Manifest, input, Manifest.safeParse(input).error?.issues ?? []).map(
    ({ path, part, message }) => `${jsonPointer(path)} (${part}): ${message}`,
  )

test('issues are told in plain words, at the key or the value that is wrong [I2.exact-error-positions]', () => {
  expect(explain([])).toEqual([' (value): expected a map, got a list'])
  expect(explain({ kind: 'Agnet' })).toEqual([
    '/kind (value): expected one of "Agent", "Budget", "Guardrail", "MemoryStore", "Policy", "Provider", "Route", "ServiceLevelObjective", "Tool", "ToolServer", "Trigger", "Webhook", got "Agnet"',
  ])
  expect(explain({ name: 'a' })).toEqual([
    '/kind (value): expected the key "kind" (one of "Agent", "Budget", "Guardrail", "MemoryStore", "Policy", "Provider", "Route", "ServiceLevelObjective", "Tool", "ToolServer", "Trigger", "Webhook"), got nothing',
  ])
  const spec = { instructions: '', tools: ['Lookup', 3], limits: { steps: 1.5, stps: 1 }, temperature: 'hot' }
  expect(explain({ kind: 'Agent', name: 'a', spec })).toEqual([
    '/spec/instructions (value): expected at least 1 character, got 0',
    '/spec/model (value): expected the key "model" (text), got nothing',
    '/spec/tools/0 (value): expected lower-case words joined by hyphens or underscores, for example "lookup-order", got "Lookup"',
    '/spec/tools/1 (value): expected text, got a number',
    '/spec/limits/steps (value): expected a whole number, got 1.5',
    '/spec/limits/stps (key): expected one of the keys "steps", "toolCalls", "tokens", "costUsd", "seconds", got "stps"',
    '/spec/temperature (value): expected a number, got text',
  ])
})

test('in a union the issues are those of the option that was meant', () => {
  const implementation = { type: 'http', url: 'https://a.example/', headers: { a: 1, b: { secrets: 'X' } }, body: 1 }
  const spec = { description: 'x', input: { type: 'object' }, effect: 'raed', retries: 9, implementation }
  expect(explain({ kind: 'Tool', name: 't', spec })).toEqual([
    '/spec/effect (value): expected one of "read", "write", "irreversible", got "raed"',
    '/spec/retries (value): expected at most 5, got 9',
    '/spec/implementation/headers/a (value): expected text or a secret handle such as { secret: ORDERS_API_KEY }, got a number',
    '/spec/implementation/headers/b/secret (value): expected the key "secret" (text), got nothing',
    '/spec/implementation/headers/b/secrets (key): expected one of the keys "secret", got "secrets"',
    '/spec/implementation/body (key): expected one of the keys "type", "method", "url", "headers", "auth", "async", "reconcile", got "body"',
  ])
})

test('a secret in a wrong place is not repeated [H3.secrets-only-as-handles]', () => {
  const wrong = [
    { kind: 'Provider', name: 'p', spec: { type: 'anthropic', apiKey: 'hunter2' } },
    { kind: 'Provider', name: 'p', spec: { type: 'anthropic', apiKey: { secret: 'hunter2' } } },
    { kind: 'Provider', name: 'p', spec: { type: 'openai-compatible', baseUrl: 'ftp://me:hunter2@models.example' } },
  ]
  for (const input of wrong) {
    expect(explain(input)).toHaveLength(1)
    expect(explain(input).join()).not.toContain('hunter2')
  }
  expect(explain(wrong[0])).toEqual([
    '/spec/apiKey (value): expected a secret handle such as { secret: ORDERS_API_KEY } or a list, got text',
  ])
})
