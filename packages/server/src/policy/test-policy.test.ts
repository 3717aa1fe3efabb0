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

test('conditions decide by arguments; one that is not true of them changes nothing, one that cannot be evaluated denies [E3.argument-conditions, E3.fail-closed]', () => {
  const conditions = [
    { id: 'large', tools: ['pay'], when: 'arguments.amount > 1000', answer: 'ask', message: 'Above 1,000.' },
    { id: 'abroad', tools: ['pay'], when: '!arguments.iban.matches("^DE")', answer: 'deny' },
  ]
  const on = (name: string, values: object, expected: string): object => ({
    name,
    tool: { name: 'pay', effect: 'write', risk: 2 },
    arguments: values,
    expect: expected,
  })
  const tried = (...each: object[]): unknown[] =>
    checkPolicy(Manifest.parse({ kind: 'Policy', name: 'house', spec: { conditions, tests: each } }))
  expect(
    tried(
      on('small', { amount: 1000, iban: 'DE1' }, 'allow'),
      on('large', { amount: 1000.01, iban: 'DE1' }, 'ask'),
      on('abroad', { amount: 1, iban: 'FR1' }, 'deny'),
      on('without', { iban: 'DE1' }, 'deny'),
      on('of another type', { amount: '5000', iban: 'DE1' }, 'deny'),
      on('too long', { amount: 1, iban: `DE${'1'.repeat(300_000)}` }, 'deny'),
      { ...on('of another tool', {}, 'allow'), tool: { name: 'other', effect: 'write', risk: 2 } },
    ),
  ).toEqual([])
  expect(tried(on('without', {}, 'allow'))).toMatchObject([
    { message: expect.stringContaining('policy-error') as string },
  ])
})

test('conditions that are no CEL, or loop in a loop, are refused where they stand [E3.argument-conditions]', () => {
  const refused = (when: string, id = 'other'): unknown =>
    checkPolicy(
      Manifest.parse({
        kind: 'Policy',
        name: 'house',
        spec: {
          conditions: [
            { id: 'first', tools: ['pay'], when: 'arguments.amount > 1', answer: 'ask' },
            { id, tools: ['pay'], when, answer: 'ask' },
          ],
        },
      }),
    )
  expect(refused('arguments.amount >')).toMatchObject([{ pointer: '/spec/conditions/1/when' }])
  expect(refused('arguments.a.exists(x, x in arguments.b)')).toMatchObject([{ pointer: '/spec/conditions/1/when' }])
  expect(refused('arguments.amount > 2', 'first')).toMatchObject([{ pointer: '/spec/conditions/1/id' }])
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
