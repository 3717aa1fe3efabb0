import { ToolSpec, type Manifest } from '@causeway/contracts'
import { trusted } from '../labels/index.ts'
import type { CallFlow } from './call-rules.ts'
import { expect, test } from 'vitest'
import { decide, type DecisionRequest } from './decide.ts'
import { checkPolicyManifest, preparse } from './policy-set.ts'

const nothingSeen: CallFlow = {
  profile: 'balanced',
  environment: 'dev',
  reach: { privateData: false, untrustedInput: false, egress: false },
  scope: undefined,
  now: new Date(),
  callsMade: 0,
  context: trusted,
  critical: [],
  destinations: [],
  links: [],
  payloadStated: false,
}

const toolCall = (
  spec: Partial<ToolSpec>,
  tools = ['pay'],
  flow: Partial<CallFlow> = {},
): DecisionRequest & { action: 'call-tool' } => ({
  action: 'call-tool',
  agent: { name: 'clerk', tools },
  tool: {
    name: 'pay',
    spec: ToolSpec.parse({ description: 'x', input: { type: 'object' }, implementation: { type: 'worker' }, ...spec }),
  },
  arguments: {},
  outcomeUnknown: false,
  flow: { ...nothingSeen, ...flow },
  circumstances: { environment: 'dev', role: 'admin', requestedBy: 'key:x', team: null },
})

const policyManifest = (cedar: string): Manifest => ({
  kind: 'Policy',
  name: 'house',
  spec: { cedar },
})

test('the built-in policies: reads and small writes run, the rest asks, what is not listed is denied [B7.least-privilege, B7.policy, E3.risk-scoring]', () => {
  const builtIn = preparse('test-built-in', [])
  const answers = (['read', 'write', 'irreversible'] as const).map(effect =>
    [1, 2, 3, 4].map(risk => decide(builtIn, toolCall({ effect, risk })).answer),
  )
  expect(answers).toEqual([
    ['allow', 'allow', 'allow', 'ask'],
    ['allow', 'allow', 'ask', 'ask'],
    ['ask', 'ask', 'ask', 'ask'],
  ])
  expect(decide(builtIn, toolCall({ effect: 'read', risk: 1 }, [])).answer).toBe('deny')
  expect(decide(builtIn, toolCall({ effect: 'read', risk: 1, approval: 'always' })).answer).toBe('ask')
})

test('a policy of a tenant cannot take the place of a built-in one, and a forbid wins [E3.policy-as-code]', () => {
  const loose = preparse('test-loose', [
    {
      name: 'house',
      cedar:
        '@id("agents-call-their-own-tools") permit (principal, action == Action::"call-tool-unattended", resource);',
    },
  ])
  expect(decide(loose, toolCall({ effect: 'irreversible', risk: 4 })).answer).toBe('allow')
  expect(decide(loose, toolCall({ effect: 'read', risk: 1 }, ['other'])).answer).toBe('deny')
  const strict = preparse('test-strict', [{ name: 'house', cedar: 'forbid (principal, action, resource);' }])
  expect(decide(strict, toolCall({ effect: 'read', risk: 1 }))).toMatchObject({
    answer: 'deny',
    reasons: [{ id: 'house/1' }],
  })
})

test('a tool can be allowed or denied for a team, an environment, an agent and a user [B7.allow-deny-lists]', () => {
  const lists = preparse('test-lists', [
    {
      name: 'lists',
      cedar: `
        @id("interns") forbid (principal, action == Action::"call-tool", resource == Tool::"pay") when { context.team == "interns" };
        @id("stage") forbid (principal, action == Action::"call-tool", resource == Tool::"pay") when { context.environment == "stage" };
        @id("greeter") forbid (principal == Agent::"greeter", action == Action::"call-tool", resource == Tool::"pay");
        @id("only-ann") forbid (principal, action == Action::"call-tool", resource == Tool::"pay")
          when { context.environment == "prod" } unless { context.requestedBy == "user:ann" };`,
    },
  ])
  const answer = (circumstances: object, name = 'clerk') => {
    const call = toolCall({ effect: 'read', risk: 1 }, ['pay'])
    return decide(lists, {
      ...call,
      agent: { ...call.agent, name },
      tool: { ...call.tool, name: 'pay' },
      circumstances: { ...call.circumstances, ...circumstances },
    })
  }
  expect(answer({}).answer).toBe('allow')
  expect(answer({ team: 'interns' }).reasons).toMatchObject([{ id: 'lists/interns' }])
  expect(answer({ environment: 'stage' }).reasons).toMatchObject([{ id: 'lists/stage' }])
  expect(answer({}, 'greeter').reasons).toMatchObject([{ id: 'lists/greeter' }])
  expect(answer({ environment: 'prod' }).reasons).toMatchObject([{ id: 'lists/only-ann' }])
  expect(answer({ environment: 'prod', requestedBy: 'user:ann' }).answer).toBe('allow')
})

test('what was answered for one is remembered for another only where no policy tells them apart [B7.allow-deny-lists]', () => {
  const called = (team: string, requestedBy: string) => {
    const call = toolCall({ effect: 'read', risk: 1 })
    return { ...call, circumstances: { ...call.circumstances, team, requestedBy } }
  }
  const asksForTeams = preparse('test-remembered', [
    { name: 'teams', cedar: 'forbid (principal, action, resource) when { context["te\\u{61}m"] == "interns" };' },
  ])
  const answers = (requestedBy: string) =>
    ['desk', 'interns'].map(team => decide(asksForTeams, called(team, requestedBy)).answer)
  expect(answers('user:ann')).toEqual(['allow', 'deny'])
  const asked = asksForTeams.answers.size
  expect(answers('user:bob')).toEqual(['allow', 'deny'])
  expect(asksForTeams.answers.size).toBe(asked)
})

test('an error while a policy is evaluated denies [E3.fail-closed]', () => {
  const broken = preparse('test-broken', [
    {
      name: 'house',
      cedar: 'permit (principal, action == Action::"call-tool", resource) when { context.environment.contains("x") };',
    },
  ])
  expect(decide(broken, toolCall({ effect: 'read', risk: 1 }))).toMatchObject({
    answer: 'deny',
    reasons: [{ id: 'policy-error' }],
  })
  expect(
    decide(
      { name: 'never-prepared', schemaName: 'causeway', conditions: [], names: new Set(), answers: new Map() },
      toolCall({ effect: 'read', risk: 1 }),
    ).answer,
  ).toBe('deny')
})

test.each([
  ['permit (principal, action, resource', 'unexpected'],
  ['permit (principal, action == Action::"fly", resource);', 'fly'],
  ['permit (principal, action == Action::"call-tool", resource) when { resource.price > 3 };', 'price'],
  ['@id("a") permit (principal, action, resource); @id("a") forbid (principal, action, resource);', 'again'],
])('a policy that the vocabulary does not cover is refused when it is applied: %s', (cedar, message) => {
  expect(
    checkPolicyManifest(policyManifest(cedar))
      .map(problem => problem.message)
      .join(),
  ).toContain(message)
})

const modelCall = (changes: Partial<DecisionRequest & { action: 'call-model' }>): DecisionRequest => ({
  action: 'call-model',
  principal: { key: 'k' },
  route: 'chat',
  provider: 'openai',
  model: 'gpt',
  region: 'us',
  dataClasses: [],
  accepts: [],
  circumstances: { environment: 'prod', role: 'developer', requestedBy: 'key:x', team: 'support' },
  ...changes,
})

test('a team gets the models and regions that its policies let it have [C6.allowed-models, C6.regions]', () => {
  const policies = preparse('test-regions', [
    {
      name: 'europe',
      cedar: `
        forbid (principal, action == Action::"call-model", resource) when { context.team == "support" } unless { resource.region == "eu" };
        @id("no-health-in-tests")
        forbid (principal, action == Action::"call-model", resource) when { context.dataClasses.contains("health") };
        @id("only-small") forbid (principal is Key, action == Action::"call-model", resource)
          when { context.team == "interns" && resource != Model::"openai/gpt-mini" };`,
    },
  ])
  const team = (name: string | null) => ({
    circumstances: { environment: 'prod', role: 'developer', requestedBy: 'key:x', team: name },
  })
  expect(decide(policies, modelCall({})).answer).toBe('deny')
  expect(decide(policies, modelCall({ region: null })).answer).toBe('deny')
  expect(decide(policies, modelCall({ region: 'eu' })).answer).toBe('allow')
  expect(decide(policies, modelCall(team(null))).answer).toBe('allow')
  expect(decide(policies, modelCall(team('interns'))).reasons).toMatchObject([{ id: 'europe/only-small' }])
  expect(decide(policies, modelCall({ ...team('interns'), model: 'gpt-mini' })).answer).toBe('allow')
  expect(
    decide(policies, modelCall({ region: 'eu', dataClasses: ['health'], accepts: ['health'] })).reasons,
  ).toMatchObject([{ id: 'europe/no-health-in-tests' }])
})

test('data of a class goes only where it is accepted, and no policy can change that [C6.data-classes]', () => {
  const loose = preparse('test-classes', [{ name: 'house', cedar: 'permit (principal, action, resource);' }])
  const personal = { dataClasses: ['personal', 'health'] }
  expect(decide(loose, modelCall({ ...personal, accepts: ['personal'] }))).toMatchObject({
    answer: 'deny',
    reasons: [{ id: 'data-class-not-accepted', message: expect.stringContaining('health') }],
  })
  expect(decide(loose, modelCall({ ...personal, accepts: ['health', 'personal', 'other'] })).answer).toBe('allow')
  expect(decide(loose, modelCall({ ...personal, accepts: 'every' })).answer).toBe('allow')
})
