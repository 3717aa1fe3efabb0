import { expect, test } from 'vitest'
import { Manifest, RouteSpec, type ModelCapability } from '@causeway/contracts'
import * as fc from 'fast-check'
import { orderTargets, type RoutingKnowledge } from './order-targets.ts'
import { checkRouteManifest } from './route-rule.ts'
import type { ResolvedRoute } from './resolve-route.ts'
import type { RoutingRequest } from './routing-request.ts'
import { createTargetLatency, type TargetLatency } from './target-latency.ts'

const spec = { type: 'anthropic', baseUrl: 'https://api.anthropic.com', apiKey: { secret: 'KEY' } } as const
const routeOf = (input: object): ResolvedRoute => {
  const parsed = RouteSpec.parse(input)
  const targets = parsed.targets.map(terms => ({
    scope: { organisationId: 'organisation', environmentId: 'environment' },
    provider: terms.provider,
    model: terms.model,
    spec,
    terms,
    contextTokens: terms.contextTokens,
  }))
  return { name: 'chat', version: 'v1', spec: parsed, targets }
}
const requestWith = (parts: Partial<RoutingRequest> = {}): RoutingRequest => ({
  caller: { key: 'key', team: 'blue', environment: 'prod', role: 'developer' },
  model: 'chat',
  stream: true,
  inputTokens: 1000,
  maxOutputTokens: 100,
  cacheKey: undefined,
  conversation: () => 'conversation',
  user: () => undefined,
  metadata: () => ({}),
  needs: () => new Set<ModelCapability>(),
  ...parts,
})
/** The same numbers in every run. */
function numbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
const knowledgeWith = (parts: Partial<RoutingKnowledge> = {}): RoutingKnowledge => ({
  now: () => Date.UTC(2026, 10, 1),
  random: numbers(1),
  latency: createTargetLatency(() => 0),
  feedback: () => ({ count: 0, sum: 0 }),
  scope: 'dev',
  affinity: { targetOf: () => undefined },
  ...parts,
})
const chosen = (route: ResolvedRoute, request = requestWith(), knowledge = knowledgeWith()): string =>
  orderTargets(route, request, knowledge).targets[0]?.model ?? ''
const shares = (route: ResolvedRoute, knowledge: RoutingKnowledge, request = () => requestWith()) => {
  const counts: Record<string, number> = {}
  for (let call = 0; call < 4000; call++) {
    const model = chosen(route, request(), knowledge)
    counts[model] = (counts[model] ?? 0) + 1
  }
  return counts
}
const two = [
  { provider: 'one', model: 'a' },
  { provider: 'two', model: 'b' },
]

test('traffic is shared by weight, and the others still stand in [C3.weighted] [C3.canary]', () => {
  const route = routeOf({
    strategy: 'weighted',
    targets: [
      { ...two[0], weight: 90 },
      { ...two[1], weight: 10 },
      { provider: 'three', model: 'c', weight: 0 },
    ],
  })
  const counts = shares(route, knowledgeWith())
  expect(counts['a']).toBeGreaterThan(3480)
  expect(counts['a']).toBeLessThan(3720)
  expect(counts['c']).toBeUndefined()
  const plan = orderTargets(route, requestWith(), knowledgeWith())
  expect(plan.targets).toHaveLength(3)
  expect(plan.reason).toMatch(/^weight (90|10) of 100$/)
})

test('a person keeps to one arm of an experiment, and all of them together keep to the weights [C3.canary]', () => {
  const route = routeOf({ strategy: 'weighted', stickyBy: 'user', targets: [{ ...two[0], weight: 3 }, two[1]] })
  const armOf = (user: string, seed: number): string =>
    chosen(route, requestWith({ user: () => user }), knowledgeWith({ random: numbers(seed) }))
  fc.assert(fc.property(fc.string(), fc.nat(), fc.nat(), (user, one, other) => armOf(user, one) === armOf(user, other)))
  let person = 0
  const counts = shares(route, knowledgeWith(), () => {
    const user = `user-${person++}`
    return requestWith({ user: () => user })
  })
  expect((counts['a'] ?? 0) / 4000).toBeCloseTo(0.75, 1)
})

test('the cheapest target comes first, and one without a price is not taken for cheap [C3.by-cost]', () => {
  const route = routeOf({
    strategy: 'least-cost',
    targets: [
      { provider: 'one', model: 'model-nobody-knows' },
      { provider: 'one', model: 'claude-opus-4-1' },
      { provider: 'one', model: 'claude-3-5-haiku-latest' },
    ],
  })
  const { targets, reason } = orderTargets(route, requestWith(), knowledgeWith())
  expect(targets.map(({ model }) => model)).toEqual([
    'claude-3-5-haiku-latest',
    'claude-opus-4-1',
    'model-nobody-knows',
  ])
  expect(reason).toMatch(/^least cost, about 0\.00\d+ USD$/)
})

test('the faster target gets more of the traffic, and a slow one is found out by its calls [C3.by-latency]', () => {
  const latency: TargetLatency = createTargetLatency(() => 0)
  latency.observe('dev', 'one/a', 900)
  latency.observe('dev', 'two/b', 100)
  latency.observe('dev', 'three/c', 500)
  const route = routeOf({ strategy: 'least-latency', targets: [...two, { provider: 'three', model: 'c' }] })
  const counts = shares(route, knowledgeWith({ latency }))
  expect(counts['a']).toBeUndefined()
  expect(counts['b']).toBeGreaterThan((counts['c'] ?? 0) * 1.5)
  latency.observe('dev', 'two/b', 5000)
  expect(shares(route, knowledgeWith({ latency }))['b']).toBeUndefined()
})

test('calls that wait count against a target [C3.by-latency]', () => {
  const latency = createTargetLatency(() => 0)
  latency.observe('dev', 'one/a', 100)
  latency.observe('dev', 'two/b', 150)
  const route = routeOf({ strategy: 'least-latency', targets: two })
  expect(chosen(route, requestWith(), knowledgeWith({ latency }))).toBe('a')
  latency.started('dev', 'one/a')
  latency.started('dev', 'one/a')
  expect(chosen(route, requestWith(), knowledgeWith({ latency }))).toBe('b')
  latency.ended('dev', 'one/a')
  latency.ended('dev', 'one/a')
  expect(chosen(route, requestWith(), knowledgeWith({ latency }))).toBe('a')
})

test('what a target cannot do, cannot hold or may not take passes it by, with the reason [C3.by-capability] [C3.by-rule]', () => {
  const route = routeOf({
    targets: [
      { provider: 'one', model: 'small', contextTokens: 500 },
      { provider: 'one', model: 'blind', capabilities: ['tools'] },
      { provider: 'one', model: 'gold', when: 'request.metadata.tier == "gold" && caller.team == "blue"' },
      { provider: 'one', model: 'any' },
    ],
  })
  const images = () => new Set<ModelCapability>(['images'])
  const plan = orderTargets(route, requestWith({ needs: images }), knowledgeWith())
  expect(plan.targets.map(({ model }) => model)).toEqual(['any'])
  expect(plan.leftOut).toEqual([
    'one/small: the conversation is longer than 500 tokens',
    'one/blind: it has no images',
    expect.stringContaining('one/gold: the rule'),
  ])
  expect(chosen(route, requestWith({ inputTokens: 10, needs: images }))).toBe('small')
  expect(chosen(route)).toBe('blind')
  expect(chosen(route, requestWith({ needs: images, metadata: () => ({ tier: 'gold' }) }))).toBe('gold')
  const only = routeOf({ targets: [{ provider: 'one', model: 'small', contextTokens: 500 }] })
  expect(() => orderTargets(only, requestWith(), knowledgeWith())).toThrow(/longer than 500 tokens/)
})

test('marks of callers move the traffic to the better target, and the other is still tried [C3.by-rule]', () => {
  const marks: Record<string, { count: number; sum: number }> = {
    'one/a': { count: 40, sum: 12 },
    'two/b': { count: 40, sum: 30 },
  }
  const route = routeOf({ strategy: 'adaptive', targets: two })
  const feedback: RoutingKnowledge['feedback'] = (_route, target) => marks[target] ?? { count: 0, sum: 0 }
  const counts = shares(route, knowledgeWith({ feedback }))
  expect(counts['b']).toBeGreaterThan(3900)
  const unsure = shares(route, knowledgeWith())
  expect(unsure['a']).toBeGreaterThan(1700)
  expect(unsure['b']).toBeGreaterThan(1700)
})

test('a rule that is no CEL is refused where it stands [C3.by-rule]', () => {
  const manifest = (when: string): Manifest =>
    Manifest.parse({ kind: 'Route', name: 'chat', spec: { targets: [{ provider: 'one', model: 'a', when }] } })
  expect(checkRouteManifest(manifest('request.inputTokens < 100'))).toEqual([])
  expect(checkRouteManifest(manifest('nobody.knows == 1'))).toEqual([
    { pointer: '/spec/targets/0/when', message: 'expected CEL: Unknown variable: nobody' },
  ])
  expect(checkRouteManifest(manifest('request.inputTokens <'))[0]?.message).toMatch(/^expected CEL: /)
})
