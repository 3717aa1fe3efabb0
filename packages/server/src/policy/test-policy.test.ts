import { Manifest } from '@causeway/contracts'
import { expect, test } from 'vitest'
import { checkPolicy } from './test-policy.ts'

const policy = (cedar: string, tests: object[]): Manifest =>
  Manifest.parse({ kind: 'Policy', name: 'house', spec: { cedar, tests } })

const noPayments = `
@id("no-payments-by-trainees")
forbid (principal, action == Action::"call-tool", resource == Tool::"pay") when { context.team == "trainees" };`

const tests = [
  { name: 'trainees do not pay', tool: { name: 'pay' }, context: { team: 'trainees' }, expect: 'deny' },
  { name: 'others are asked', tool: { name: 'pay' }, expect: 'ask' },
  {
    name: 'what the user said is paid',
    tool: { name: 'pay', effect: 'irreversible' },
    context: { argumentsFrom: 'user-stated', integrity: 'untrusted' },
    expect: 'allow',
  },
  { name: 'reads', tool: { effect: 'read', risk: 1 }, expect: 'allow' },
  {
    name: 'an argument that an outsider may have written is asked about',
    tool: { effect: 'write', risk: 2 },
    context: { argumentsFrom: 'other', integrity: 'untrusted' },
    expect: 'ask',
  },
]

test('a policy whose tests hold has no problem; one whose tests do not is refused with what came out [E3.policy-tests]', () => {
  expect(checkPolicy(policy(noPayments, tests))).toEqual([])
  expect(checkPolicy(policy(noPayments.replace('== "trainees"', '== "trainee"'), tests))).toEqual([
    {
      pointer: '/spec/tests/0/expect',
      message: expect.stringMatching(
        /^the test "trainees do not pay" expected "deny", the decision is "ask" \(/,
      ) as string,
    },
  ])
  expect(checkPolicy(policy('permit (principal, action, resource', tests))).toMatchObject([{ pointer: '/spec/cedar' }])
})

test('a permit of a tenant does not take a built-in rule away, and its test says so [E3.policy-tests]', () => {
  const loose = 'permit (principal, action == Action::"call-tool-unattended", resource);'
  const attacked = {
    name: 'attacked',
    context: { argumentsFrom: 'other', integrity: 'untrusted' },
    expect: 'allow',
  }
  expect(checkPolicy(policy(loose, [{ name: 'trusted', expect: 'allow' }, attacked]))).toMatchObject([
    { pointer: '/spec/tests/1/expect', message: expect.stringContaining('argument-not-stated') as string },
  ])
})
