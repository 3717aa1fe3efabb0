import { CausewayError, ToolSpec } from '@causeway/contracts'
import { afterEach, expect, test, vi } from 'vitest'
import { createExecuteTool } from './execute-tool.ts'
import { ToolOutage, type ToolCall } from './tool-call.ts'

const spec = ToolSpec.parse({
  description: 'Reads.',
  input: { type: 'object' },
  effect: 'read',
  retries: 5,
  implementation: { type: 'http', url: 'https://tool.example/' },
})
const call: ToolCall = {
  scope: { organisationId: 'o', environmentId: 'e' },
  runId: null,
  callId: 'c',
  tool: 'read',
  spec,
  arguments: {},
  onBehalfOf: null,
  effectKey: 'k',
}

/** Makes a call that always fails. @returns how it ended, and the pauses between its attempts in milliseconds */
async function failing(failure: CausewayError, changes: Partial<ToolSpec> = {}) {
  vi.spyOn(Math, 'random').mockReturnValue(1)
  const attempts: number[] = []
  const attempt = async (): Promise<never> => {
    attempts.push(performance.now())
    throw failure
  }
  const execute = createExecuteTool({ enter: (_call, _signal, made) => made() }, { http: attempt } as never)
  const result = await execute({ ...call, spec: { ...spec, ...changes } }, new AbortController().signal)
  return { result, pauses: attempts.slice(1).map((at, place) => at - (attempts[place] ?? 0)) }
}

afterEach(() => {
  vi.restoreAllMocks()
})

test('a call that fails is repeated with growing pauses, so often as its manifest lets it [B3.retries]', async () => {
  const down = new CausewayError('tool-failed', '503', { cause: new ToolOutage('503') })
  const { result, pauses } = await failing(down, { retries: 3 })
  expect(result).toMatchObject({ outcome: 'failed', attempts: 4 })
  // A timer may be early by a fraction of a millisecond.
  const least = [399, 799, 1599]
  expect(pauses.map((pause, place) => pause >= (least[place] ?? Infinity))).toEqual([true, true, true])
})

test('the pause is as long as the tool asks for, and a call is not held for one that asks for much [B3.retries]', async () => {
  const busy = (retryAfterSeconds: number) => new CausewayError('tool-failed', '429', { retryAfterSeconds })
  const [pause] = (await failing(busy(1.5), { retries: 1 })).pauses
  expect(pause).toBeGreaterThan(1499)
  expect(await failing(busy(60))).toMatchObject({ pauses: [], result: { outcome: 'failed', attempts: 1 } })
})
