import { CausewayError } from '@causeway/contracts'
import { ProviderFailure } from '../provider-failure.ts'
import type { Availability, Target } from '../providers/provider-adapter.ts'
import { retryDelay } from './retry-delay.ts'

const attemptsPerTarget = 2
const attemptsInAll = 6

export interface AttemptOptions<Answer> {
  availability: (target: Target) => Availability | Promise<Availability>
  /** Asked before the first attempt at a target; throws policy-denied to rule the target out. */
  admit?: ((target: Target) => Promise<void>) | undefined
  /** Resolves when the answer has begun, after which nothing is tried again. */
  attempt: (target: Target) => Promise<Answer>
  onFailure?: (target: Target, failure: ProviderFailure) => void
  signal: AbortSignal
  wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
  random: () => number
}

export interface Attempted<Answer> {
  answer: Answer
  target: Target
  attempts: number
}

/**
 * Tries the targets of a route in their order until one begins to answer.
 * @throws ProviderFailure of the last attempt; CausewayError policy-denied when only denied targets were left,
 * no-provider-available when none could be tried; the reason of `signal` when that aborts.
 */
export async function attemptTargets<Answer>(
  route: { name: string; targets: readonly Target[] },
  options: AttemptOptions<Answer>,
): Promise<Attempted<Answer>> {
  const unavailable: string[] = []
  let attempts = 0
  let denial: CausewayError | undefined
  let failure: ProviderFailure | undefined
  for (const candidate of route.targets) {
    const availability = await options.availability(candidate)
    if (!availability.available) {
      unavailable.push(`${candidate.provider}: ${availability.why}`)
      continue
    }
    const target = { ...candidate, model: availability.model }
    const denied = await denialOf(target, options)
    if (denied) {
      denial ??= denied
      continue
    }
    for (let attempt = 1; attempt <= attemptsPerTarget && attempts < attemptsInAll; attempt++) {
      attempts++
      try {
        return { answer: await options.attempt(target), target, attempts }
      } catch (error) {
        failure = asFailure(error, options.signal)
        failure.attempts = attempts
        options.onFailure?.(target, failure)
        if (failure.conduct === 'final') throw failure
        const delay = retryDelay(attempt, failure.retryAfterMs, options.random)
        if (failure.conduct === 'next-target' || delay === undefined || attempt === attemptsPerTarget) break
        await options.wait(delay, options.signal)
      }
    }
  }
  throw failure ?? denial ?? noneAvailable(route.name, unavailable)
}

async function denialOf<Answer>(target: Target, { admit }: AttemptOptions<Answer>): Promise<CausewayError | undefined> {
  try {
    await admit?.(target)
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
