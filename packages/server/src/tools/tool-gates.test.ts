import { CausewayError, ToolSpec } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { createToolGates } from './tool-gates.ts'
import { ToolOutage, type ToolCall } from './tool-call.ts'

const call = (limits?: ToolSpec['limits'], tool = 'lookup'): ToolCall => ({
  scope: { organisationId: 'o', environmentId: 'e' },
  runId: null,
  callId: 'c',
  tool,
  spec: ToolSpec.parse({
    description: 'Looks.',
    input: { type: 'object' },
    implementation: { type: 'worker' },
    ...(limits && { limits }),
  }),
  arguments: {},
  onBehalfOf: null,
  effectKey: 'k',
})
const never = new AbortController().signal
const answered = (): Promise<string> => Promise.resolve('answered')

test('calls of a tool at the same time are bounded, and further ones wait or give up in time [B3.concurrency]', async () => {
  const gates = createToolGates()
  let underWay = 0
  let most = 0
  const slow = async (): Promise<string> => {
    most = Math.max(most, ++underWay)
    await new Promise(resolve => setTimeout(resolve, 20))
    underWay--
    return 'answered'
  }
  const all = Array.from({ length: 10 }, () => gates.enter(call({ concurrent: 2 }), never, slow))
  const leaving = new AbortController()
  const left = gates.enter(call({ concurrent: 2 }), leaving.signal, slow)
  leaving.abort(new Error('too late'))
  await expect(left).rejects.toMatchObject({ code: 'rate-limited' })
  // Another tool is not held up.
  await gates.enter(call({ concurrent: 2 }, 'other'), never, answered)
  expect(most).toBe(2)
  expect(await Promise.all(all)).toHaveLength(10)
  expect(most).toBe(2)
})

test('calls of a tool in a minute are bounded, and it is said when there may be more [B3.rate-limits]', async () => {
  let now = 0
  const gates = createToolGates({ now: () => now })
  const enter = () => gates.enter(call({ perMinute: 2 }), never, answered)
  await enter()
  now = 10_000
  await enter()
  await expect(enter()).rejects.toMatchObject({ code: 'rate-limited', retryAfterSeconds: 50 })
  now = 60_000
  await enter()
  await expect(enter()).rejects.toMatchObject({ retryAfterSeconds: 10 })
})

test('a tool that does not answer is left alone; what it says of calls is no sign of that [B3.circuit-breaking]', async () => {
  const gates = createToolGates()
  const failing = (error: CausewayError) =>
    gates.enter(call(), never, () => {
      throw error
    })
  const refused = new CausewayError('tool-failed', 'The tool answered with status 400.')
  for (let times = 0; times < 20; times++) await expect(failing(refused)).rejects.toBe(refused)
  const down = new CausewayError('tool-failed', 'The tool cannot be reached.', {
    cause: new ToolOutage('ECONNREFUSED'),
  })
  for (let times = 0; times < 5; times++) await expect(failing(down)).rejects.toBe(down)
  await expect(gates.enter(call(), never, answered)).rejects.toMatchObject({
    code: 'tool-unavailable',
    retryAfterSeconds: 30,
  })
  expect(await gates.enter(call(undefined, 'other'), never, answered)).toBe('answered')
})
