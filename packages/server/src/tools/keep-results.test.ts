import { Manifest, type ToolSpec } from '@causeway/contracts'
import { expect, test } from 'vitest'
import type { ExecuteTool } from './execute-tool.ts'
import { keepResults } from './keep-results.ts'
import type { ToolCall } from './tool-call.ts'

const signal = new AbortController().signal

function specOf(more: object): ToolSpec {
  const parsed = Manifest.parse({
    kind: 'Tool',
    name: 'look',
    spec: {
      description: 'Looks.',
      input: { type: 'object' },
      effect: 'read',
      cacheSeconds: 60,
      implementation: { type: 'http', url: 'https://tools.example/look' },
      ...more,
    },
  })
  if (parsed.kind !== 'Tool') throw new Error('no tool')
  return parsed.spec
}

const callOf = (more: Partial<ToolCall> = {}, spec: object = {}): ToolCall => ({
  scope: { organisationId: 'o', environmentId: 'dev' },
  runId: 'r',
  callId: 'c',
  tool: 'look',
  spec: specOf(spec),
  arguments: { ship: 'Aurora' },
  onBehalfOf: { agent: 'clerk', user: 'ada' },
  effectKey: 'k',
  ...more,
})

/** A tool that counts its calls, and what the cache gives for one. */
function start() {
  let time = 1_000_000
  let calls = 0
  let fails = false
  const execute: ExecuteTool = async () =>
    fails
      ? { outcome: 'failed', error: { code: 'tool-failed', message: 'no' }, attempts: 1, durationMs: 1 }
      : { outcome: 'completed', output: { count: ++calls }, attempts: 1, durationMs: 1 }
  const cached = keepResults(execute, { now: () => time })
  return {
    look: async (call: ToolCall) => {
      const result = await cached(call, signal)
      return 'output' in result ? result.output : 'error' in result && result.error.code
    },
    cached,
    pass: (seconds: number) => (time += seconds * 1000),
    fail: (now: boolean) => (fails = now),
  }
}

test('what a tool has answered is given again to the same call, for as long as its manifest says [B3.response-caching]', async () => {
  const { look, cached, pass } = start()
  expect(await look(callOf())).toEqual({ count: 1 })
  pass(59)
  expect(await look(callOf({ callId: 'other', effectKey: 'other', runId: 'other' }))).toEqual({ count: 1 })
  expect(await cached(callOf(), signal)).toMatchObject({ attempts: 0, ageSeconds: 59 })
  pass(2)
  expect(await look(callOf())).toEqual({ count: 2 })
})

test('nobody is given what was answered to another call, environment, version or user [B3.response-caching, H1.tenancy]', async () => {
  const { look } = start()
  const others = [
    callOf(),
    callOf({ arguments: { ship: 'Borealis' } }),
    callOf({ scope: { organisationId: 'o', environmentId: 'prod' } }),
    callOf({ scope: { organisationId: 'p', environmentId: 'dev' } }),
    callOf({}, { description: 'Looks anew.' }),
    callOf({}, { implementation: { type: 'worker' } }),
    callOf({ onBehalfOf: { agent: 'clerk', user: 'eve' } }, { implementation: { type: 'worker' } }),
  ]
  const counts = []
  for (const call of others) counts.push(await look(call))
  expect(counts).toEqual(others.map((_, index) => ({ count: index + 1 })))
  // A tool that is not told who asks says the same to all.
  expect(await look(callOf({ onBehalfOf: { agent: 'clerk', user: 'eve' } }))).toEqual({ count: 1 })
})

test('failures are not kept, nor what a tool says that changes something', async () => {
  const { look, fail } = start()
  fail(true)
  expect(await look(callOf())).toBe('tool-failed')
  fail(false)
  expect(await look(callOf())).toEqual({ count: 1 })
  const write = { effect: 'write' }
  expect(await look(callOf({}, { ...write }))).toEqual({ count: 2 })
  expect(await look(callOf({}, { ...write }))).toEqual({ count: 3 })
})
