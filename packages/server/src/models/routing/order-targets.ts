import { createHash } from 'node:crypto'
import { CausewayError, type RouteStrategy } from '@causeway/contracts'
import { estimateCost } from '../prices/price-call.ts'
import type { ScoreSum } from '../feedback/score-sums.ts'
import type { ConversationAffinity } from './conversation-affinity.ts'
import { fittingTargets } from './fitting-targets.ts'
import type { ResolvedRoute, RouteCandidate } from './resolve-route.ts'
import type { RoutingRequest } from './routing-request.ts'
import { targetName, type TargetLatency } from './target-latency.ts'

/** The targets of one call in the order in which they are tried, with why. */
export interface RoutePlan {
  /** The name that was asked for. */
  name: string
  targets: RouteCandidate[]
  strategy: RouteStrategy
  /** Why the first target is the first, in a few words. */
  reason: string
  leftOut: string[]
  /** The classes of the data that is sent on the route. */
  dataClasses: readonly string[]
  /** When the second target is asked too. */
  hedgeAfterMs: number | undefined
  /** Under which the target that answers is remembered for the next turn; undefined where none is. */
  conversation: string | undefined
}

export interface RoutingKnowledge {
  now: () => number
  /** From 0 up to 1. */
  random: () => number
  latency: TargetLatency
  /** What was thought of the answers that a target gave on a route: how many scores, and their sum; each is from 0 to 1. */
  feedback: (route: string, target: string) => ScoreSum
  scope: string
  affinity: Pick<ConversationAffinity, 'targetOf'>
}

/** What an answer is taken to be long when the request does not say, to compare prices. */
const usualOutputTokens = 500

/** @throws CausewayError no-provider-available when no target of the route fits the request */
export function orderTargets(route: ResolvedRoute, request: RoutingRequest, knowledge: RoutingKnowledge): RoutePlan {
  const { strategy = 'priority' } = route.spec
  const { targets, leftOut } = fittingTargets(route.targets, request)
  if (targets.length === 0)
    throw new CausewayError('no-provider-available', `No target of "${route.name}" fits. ${leftOut.join('; ')}.`)
  const ordered = targets.length === 1 ? { targets, reason: 'only target' } : order(route, targets, request, knowledge)
  const conversation = targets.length === 1 ? undefined : conversationFor(route, request, knowledge)
  const kept = conversation === undefined ? ordered : keepTo(conversation, ordered, knowledge)
  const { hedge, dataClasses = [] } = route.spec
  return { name: route.name, ...kept, strategy, leftOut, dataClasses, hedgeAfterMs: hedge?.afterMs, conversation }
}

/** Strategies by which any of several targets may come first. */
const leaveChoice: ReadonlySet<RouteStrategy> = new Set(['weighted', 'least-latency', 'adaptive'])
/** Shorter prompts are not cached by providers. Source: https://platform.openai.com/docs/guides/prompt-caching */
const cachedTokens = 1024

/** Where it matters to a prompt cache which target answers, and the route lets it be chosen. */
function conversationFor(
  { name, spec }: ResolvedRoute,
  request: RoutingRequest,
  { scope }: RoutingKnowledge,
): string | undefined {
  const { strategy = 'priority', stickyBy, affinity = true } = spec
  if (!affinity || stickyBy !== undefined || !leaveChoice.has(strategy)) return undefined
  if (request.cacheKey === undefined && request.inputTokens < cachedTokens) return undefined
  const conversation = request.cacheKey ?? request.conversation()
  return [scope, name, request.caller.key, conversation].join('\n')
}

function keepTo(conversation: string, ordered: Ordered, { affinity }: RoutingKnowledge): Ordered {
  const name = affinity.targetOf(conversation)
  const kept = ordered.targets.find(target => targetName(target) === name)
  if (!kept) return ordered
  return {
    targets: [kept, ...ordered.targets.filter(target => target !== kept)],
    reason: 'where the conversation was answered before',
  }
}

type Ordered = Pick<RoutePlan, 'targets' | 'reason'>

function order(
  route: ResolvedRoute,
  targets: RouteCandidate[],
  request: RoutingRequest,
  knowledge: RoutingKnowledge,
): Ordered {
  switch (route.spec.strategy ?? 'priority') {
    case 'priority':
      return { targets, reason: 'first of its order' }
    case 'weighted':
      return byWeight(route, targets, request, knowledge)
    case 'least-cost':
      return byCost(targets, request, knowledge)
    case 'least-latency':
      return byLatency(targets, knowledge)
    case 'adaptive':
      return byFeedback(route, targets, knowledge)
  }
}

/**
 * Draws without replacement, each with a chance in proportion to its weight: the one with the greatest u^(1/w) comes first.
 * Source: Efraimidis and Spirakis, "Weighted random sampling with a reservoir", 2006.
 */
function byWeight(
  route: ResolvedRoute,
  targets: readonly RouteCandidate[],
  request: RoutingRequest,
  { random }: RoutingKnowledge,
): Ordered {
  const sticky = stickyKey(route, request)
  const chance = (target: RouteCandidate): number =>
    sticky === undefined ? random() : fraction(`${route.name} ${targetName(target)} ${sticky}`)
  const drawn = targets
    .map(target => ({ target, weight: target.terms.weight ?? 1 }))
    .filter(({ weight }) => weight > 0)
    .map(({ target, weight }) => ({ target, weight, place: chance(target) ** (1 / weight) }))
    .toSorted((one, other) => other.place - one.place)
  // A weight of 0 takes no traffic of its own and still stands in for the others.
  const reserves = targets.filter(({ terms }) => terms.weight === 0)
  const all = drawn.reduce((sum, { weight }) => sum + weight, 0)
  const share = drawn[0] ? `${drawn[0].weight} of ${all}` : 'reserve'
  return {
    targets: [...drawn.map(({ target }) => target), ...reserves],
    reason: sticky === undefined ? `weight ${share}` : `weight ${share}, kept for the ${route.spec.stickyBy}`,
  }
}

function stickyKey({ spec }: ResolvedRoute, request: RoutingRequest): string | undefined {
  switch (spec.stickyBy) {
    case 'user':
      return request.user()
    case 'key':
      return request.caller.key
    case 'cache-key':
      return request.cacheKey
    case undefined:
      return undefined
  }
}

/** A number above 0 and below 1 that is always the same for a text. */
const fraction = (text: string): number => (createHash('sha256').update(text).digest().readUInt32BE(0) + 0.5) / 2 ** 32

/** The cheapest first. A target without a known price is not taken for a cheap one. */
function byCost(targets: readonly RouteCandidate[], request: RoutingRequest, { now }: RoutingKnowledge): Ordered {
  const at = new Date(now())
  const priced = targets.map(target => {
    const { nanoUsd, priced: isPriced } = estimateCost({
      spec: target.spec,
      model: target.model,
      inputCharacters: request.inputTokens * 4,
      maxOutputTokens: Math.min(request.maxOutputTokens ?? usualOutputTokens, usualOutputTokens),
      at,
    })
    return { target, nanoUsd: isPriced ? nanoUsd : Number.POSITIVE_INFINITY }
  })
  const ordered = priced.toSorted((one, other) =>
    one.nanoUsd < other.nanoUsd ? -1 : Number(one.nanoUsd > other.nanoUsd),
  )
  const least = ordered[0]?.nanoUsd ?? 0
  return {
    targets: ordered.map(({ target }) => target),
    reason: Number.isFinite(least) ? `least cost, about ${(least / 1e9).toFixed(6)} USD` : 'no price is known',
  }
}

/**
 * The better of two that are drawn ("power of two choices"), by latency and the calls that it has under way; then the others.
 * A target that was not called yet is tried, or nothing would ever be known of it.
 */
function byLatency(targets: readonly RouteCandidate[], { latency, random, scope }: RoutingKnowledge): Ordered {
  const load = (target: RouteCandidate): number =>
    (latency.of(scope, targetName(target)) ?? 0) * (latency.inFlight(scope, targetName(target)) + 1)
  const first = Math.floor(random() * targets.length)
  const second = (first + 1 + Math.floor(random() * (targets.length - 1))) % targets.length
  const pair = [targets[first], targets[second]].filter(target => target !== undefined)
  const [best] = pair.toSorted((one, other) => load(one) - load(other))
  const rest = targets.filter(target => target !== best).toSorted((one, other) => load(one) - load(other))
  const mean = best && latency.of(scope, targetName(best))
  return {
    targets: best ? [best, ...rest] : rest,
    reason: mean === undefined ? 'latency not known yet' : `least latency, about ${Math.round(mean)} ms`,
  }
}

/**
 * Thompson sampling: each target draws from what its scores make likely, so that a better one is chosen more often and
 * the others are still tried. Source: Russo et al., "A tutorial on Thompson sampling", 2018; Beta prior (1, 1).
 */
function byFeedback(
  route: ResolvedRoute,
  targets: readonly RouteCandidate[],
  { feedback, random }: RoutingKnowledge,
): Ordered {
  const drawn = targets
    .map(target => {
      const { count, sum } = feedback(route.name, targetName(target))
      return { target, count, mean: (1 + sum) / (2 + count), draw: drawBeta(1 + sum, 1 + count - sum, random) }
    })
    .toSorted((one, other) => other.draw - one.draw)
  const [first] = drawn
  return {
    targets: drawn.map(({ target }) => target),
    reason: first ? `mean score ${first.mean.toFixed(2)} of ${first.count}` : '',
  }
}

/** A number between 0 and 1 from a Beta distribution, by two Gamma draws. */
function drawBeta(a: number, b: number, random: () => number): number {
  const one = drawGamma(a, random)
  const other = drawGamma(b, random)
  return one / (one + other)
}

/** Source: Marsaglia and Tsang, "A simple method for generating gamma variables", 2000, for shapes of 1 and more. */
function drawGamma(shape: number, random: () => number): number {
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (let round = 0; round < 100; round++) {
    const x = drawNormal(random)
    const v = (1 + c * x) ** 3
    if (v > 0 && Math.log(1 - random()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v
  }
  return shape
}

/** Box and Muller's method. */
const drawNormal = (random: () => number): number =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
