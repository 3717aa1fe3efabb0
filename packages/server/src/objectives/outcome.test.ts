import { expect, test } from 'vitest'
import { outcomeOfCall, outcomeOfRun, type EndedCall } from './outcome.ts'

const call: EndedCall = {
  route: 'chat',
  outcome: 'completed',
  errorCode: null,
  shadowOf: null,
  durationMs: 900,
  firstByteMs: 300,
}

test.each<[Partial<EndedCall>, ReturnType<typeof outcomeOfCall>]>([
  [{}, 'good'],
  [{ route: 'other' }, undefined],
  [{ durationMs: 1001 }, 'bad'],
  [{ firstByteMs: 401 }, 'bad'],
  [{ outcome: 'failed', errorCode: 'provider-failed' }, 'bad'],
  [{ outcome: 'failed', errorCode: 'no-provider-available' }, 'bad'],
  [{ outcome: 'failed', errorCode: 'internal' }, 'bad'],
  [{ outcome: 'failed', errorCode: 'policy-denied' }, undefined],
  [{ outcome: 'failed', errorCode: 'budget-exceeded' }, undefined],
  [{ outcome: 'failed', errorCode: 'rate-limited' }, undefined],
  [{ outcome: 'abandoned' }, undefined],
  [{ shadowOf: 'req_1', outcome: 'failed', errorCode: 'provider-failed' }, undefined],
])('a call counts by whose fault its end is: %o is %s [G4.slos]', (changes, outcome) => {
  const spec = { of: 'model-calls', route: 'chat', target: 99, withinMs: 1000, firstByteWithinMs: 400 } as const
  expect(outcomeOfCall(spec, { ...call, ...changes })).toBe(outcome)
})

test('a run counts by how it ended, unless somebody has cancelled it [G4.slos]', () => {
  const outcomes = (['succeeded', 'failed', 'limited', 'cancelled'] as const).map(status =>
    outcomeOfRun({ of: 'runs', target: 99, agent: 'clerk' }, { agent: 'clerk', status }),
  )
  expect(outcomes).toEqual(['good', 'bad', 'bad', undefined])
  expect(outcomeOfRun({ of: 'runs', target: 99, agent: 'other' }, { agent: 'clerk', status: 'failed' })).toBeUndefined()
})
