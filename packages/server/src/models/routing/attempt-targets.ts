import { CausewayError } from '@causeway/contracts'
import type { AttemptRecord } from '../attempt-record.ts'
import type { FailureClass } from '../failure-class.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { Availability, Target } from '../providers/provider-adapter.ts'
import { hedge } from './hedge.ts'
import type { KeyHealth } from './key-health.ts'
import { retryDelay } from './retry-delay.ts'
import type { TargetHealth } from './target-health.ts'
import { targetName } from './target-latency.ts'

const attemptsPerTarget = 2
/** Where there is nothing else to try. */
const attemptsAtLastTarget = 3
const attemptsInAll = 6

/** A target with how much it can take, where the route says. */
export type Candidate = Target & { contextTokens?: number | undefined }

export interface AttemptOptions<Answer> {
  availability: (target: Target) => Availability | Promise<Availability>
  /** Asked before the first attempt at a target; throws policy-denied to rule the target out. */
  admit?: ((target: Target, admission?: Admission) => Promise<void>) | undefined
  /** Resolves when the answer has begun, after which nothing is tried again. `last`: no other target is left. */
  attempt: (target: Target, context: { last: boolean; signal: AbortSignal }) => Promise<Answer>
  onFailure?: (target: Target, failure: ProviderFailure) => void
  /** How many keys the provider of a target has. */
  keysOf: (target: Target) => number
  /** The environment: health is remembered for each of them apart. */
  scope: string
  health: TargetHealth
  keys: KeyHealth
  now: () => number
  signal: AbortSignal
  /** After so many milliseconds without an answer of the first target the next one is asked too; never when undefined. */
  hedgeAfterMs?: number | undefined
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  random: () => number
}

/** How a target is admitted: in place of the one before it, or beside it. */
export interface Admission {
  beside: boolean
}

export interface Attempted<Answer> {
  answer: Answer
  target: Target
  attempts: AttemptRecord[]
}

/** Every target would find the same fault, and what one refuses to answer is not to be had from another behind its back. */
const ofTheRequest: ReadonlySet<FailureClass> = new Set(['request', 'content-policy'])
const ofTheKey: ReadonlySet<FailureClass> = new Set(['dead-key', 'quota', 'rate'])
const worthRepeating: ReadonlySet<FailureClass> = new Set(['transient', 'rate'])

/**
 * Tries the targets of a route in their order until one begins to answer.
 * @throws ProviderFailure of the last attempt; CausewayError policy-denied when only denied targets were left,
 * no-provider-available when none could be tried; the reason of `signal` when that aborts.
 */
export async function attemptTargets<Answer>(
  route: { name: string; targets: readonly Candidate[] },
  options: AttemptOptions<Answer>,
): Promise<Attempted<Answer>> {
  const unavailable: string[] = []
  const attempts: AttemptRecord[] = []
  let denial: CausewayError | undefined
  let failure: ProviderFailure | undefined
  let tooLongFor: Candidate | undefined
  const candidates = openOnesLast(route.targets, options)
  let place = 0

  const nextTarget: NextTarget = async admission => {
    while (place < candidates.length) {
      const candidate = candidates[place++]
      if (!candidate || (tooLongFor && !takesMore(candidate, tooLongFor))) continue
      const availability = await options.availability(candidate)
      if (!availability.available) {
        unavailable.push(`${candidate.provider}: ${availability.why}`)
        continue
      }
      const target = { ...candidate, model: availability.model }
      const denied = await denialOf(target, options, admission)
      if (!denied) return { target, last: place === candidates.length }
      denial ??= denied
    }
    return undefined
  }

  while (attempts.length < attemptsInAll) {
    const next = await nextTarget()
    if (!next) break
    const { hedgeAfterMs } = options
    const outcome =
      hedgeAfterMs !== undefined && attempts.length === 0 && !next.last
        ? await tryHedged({ afterMs: hedgeAfterMs, first: next, nextTarget, attempts, options })
        : await tryTarget(next.target, attempts, options, next.last)
    if (!('failure' in outcome)) return { ...outcome, attempts }
    failure = outcome.failure
    failure.attempts = attempts
    if (ofTheRequest.has(failure.failureClass)) break
    if (failure.failureClass === 'context-overflow') tooLongFor = next.target
  }
  throw failure ?? denial ?? noneAvailable(route.name, unavailable)
}

interface FoundTarget {
  target: Candidate
  /** Whether no other is left. */
  last: boolean
}

/** The next target that is available and admitted. */
type NextTarget = (admission?: Admission) => Promise<FoundTarget | undefined>

type Tried<Answer> = { answer: Answer; target: Target } | { failure: ProviderFailure }

interface HedgedOptions<Answer> {
  afterMs: number
  first: FoundTarget
  nextTarget: NextTarget
  attempts: AttemptRecord[]
  options: AttemptOptions<Answer>
}

/** Tries a target, and when it has sent nothing for a while the next one too. */
async function tryHedged<Answer>({
  afterMs,
  first,
  nextTarget,
  attempts,
  options,
}: HedgedOptions<Answer>): Promise<Tried<Answer>> {
  const { signal, wait } = options
  const begin = ({ target, last }: FoundTarget) => {
    const controller = new AbortController()
    const own: AttemptRecord[] = []
    const outcome = tryTarget(target, own, { ...options, signal: AbortSignal.any([signal, controller.signal]) }, last)
    return { outcome, attempts: own, abort: (reason: Error) => controller.abort(reason) }
  }
  const { outcome, begun, loser } = await hedge({
    first: begin(first),
    async second() {
      // Where there is no room for two, the first goes on alone.
      const next = await nextTarget({ beside: true }).catch(onlyOurs)
      return next && begin(next)
    },
    afterMs,
    isGood: (tried: Tried<Answer>) => 'answer' in tried,
    signal,
    wait,
  })
  const record = loser?.attempts.at(-1)
  if (record?.failureClass === null) record.failureClass = 'superseded'
  attempts.push(...begun.flatMap(branch => branch.attempts))
  return outcome
}

function onlyOurs(error: unknown): undefined {
  if (!(error instanceof CausewayError)) throw error
}

/** Tries one target with its keys in turn, and again where that may help. */
async function tryTarget<Answer>(
  target: Target,
  attempts: AttemptRecord[],
  options: AttemptOptions<Answer>,
  last: boolean,
): Promise<Tried<Answer>> {
  const { scope, health, keys, now, signal } = options
  const name = `${scope} ${targetName(target)}`
  const providerName = `${scope} ${target.provider}`
  const order = keys.order(providerName, options.keysOf(target))
  const most = last ? attemptsAtLastTarget : attemptsPerTarget
  let turn = 0
  for (let tries = 1; ; tries++) {
    const keyed = { ...target, key: order[turn] ?? 0 }
    const startedAt = now()
    const record = recordOf(keyed)
    attempts.push(record)
    health.trying(name)
    try {
      const answer = await options.attempt(keyed, { last, signal })
      record.durationMs = now() - startedAt
      health.succeeded(name)
      return { answer, target: keyed }
    } catch (error) {
      const failure = asFailure(error, signal)
      const { failureClass, providerStatus, retryAfterMs } = failure
      Object.assign(record, { failureClass, status: providerStatus ?? null, durationMs: now() - startedAt })
      failure.attempts = attempts
      options.onFailure?.(keyed, failure)
      health.failed(name, failureClass)
      if (attempts.length >= attemptsInAll) return { failure }
      if (ofTheKey.has(failureClass)) {
        keys.failed(providerName, keyed.key, failureClass, retryAfterMs)
        // Another key has an allowance of its own, so that there is nothing to wait for.
        if (++turn < order.length) continue
      }
      const repeat = worthRepeating.has(failureClass) || (last && failureClass === 'capacity')
      const delay = repeat ? retryDelay(tries, retryAfterMs, options.random) : undefined
      if (delay === undefined || tries >= most) return { failure }
      record.waitedMs = delay
      await options.wait(delay, signal)
    }
  }
}

const recordOf = ({ provider, model, key }: Target & { key: number }): AttemptRecord => ({
  provider,
  model,
  key,
  failureClass: null,
  status: null,
  durationMs: 0,
  waitedMs: 0,
})

/** Targets that are left alone for now are better than nothing. */
function openOnesLast<Answer>(
  targets: readonly Candidate[],
  { scope, health }: AttemptOptions<Answer>,
): readonly Candidate[] {
  if (targets.length === 1) return targets
  const isOpen = (target: Candidate): boolean => health.isOpen(`${scope} ${targetName(target)}`)
  return [...targets.filter(target => !isOpen(target)), ...targets.filter(isOpen)]
}

/** Whether a target may take a conversation that was too long for another one. What is not known is worth a try. */
const takesMore = (target: Candidate, than: Candidate): boolean =>
  target.contextTokens === undefined || than.contextTokens === undefined || target.contextTokens > than.contextTokens

async function denialOf<Answer>(
  target: Target,
  { admit }: AttemptOptions<Answer>,
  admission: Admission | undefined,
): Promise<CausewayError | undefined> {
  try {
    await admit?.(target, admission)
    return undefined
  } catch (error) {
    if (error instanceof CausewayError && error.code === 'policy-denied') return error
    throw error
  }
}

/** What is no failure of the provider (a mistake of ours, an abort) ends the call. */
function asFailure(error: unknown, signal: AbortSignal): ProviderFailure {
  signal.throwIfAborted()
  if (error instanceof ProviderFailure) return error
  throw error
}

const noneAvailable = (name: string, unavailable: readonly string[]): CausewayError =>
  new CausewayError('no-provider-available', `No target of "${name}" is available. ${unavailable.join('; ')}.`)
