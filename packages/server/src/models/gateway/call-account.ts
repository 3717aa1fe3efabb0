import { CausewayError, type ErrorCode } from '@causeway/contracts'
import type { RateLimit } from '../../budgets/index.ts'
import type { TraceContext } from '../../http/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import type { CallingSession, CallUse, HeldRoom, ModelCallRecord, ModelCaller, ModelPorts } from '../ports.ts'
import { estimateCost, priceCall, priceVersion, type CallEstimate } from '../prices/price-call.ts'
import type { CallGuard } from '../guarding/call-guard.ts'
import { ProviderFailure } from '../provider-failure.ts'
import type { Target } from '../providers/provider-adapter.ts'
import type { RoutePlan } from '../routing/order-targets.ts'
import type { Admission, Attempted } from '../routing/attempt-targets.ts'
import { targetName } from '../routing/target-latency.ts'
import { subjectOf } from '../subject-of.ts'
import { estimateTokens } from '../token-estimate.ts'
import { noTokens } from '../token-usage.ts'
import type { KeptAnswer } from './shared-answers.ts'
import type { BegunAnswer } from './begun-answer.ts'
import { ClientGone } from './client-gone.ts'
import { sumOfUses } from './sum-of-uses.ts'
import { requireAllowed } from './require-allowed.ts'

// Tokens that an answer is assumed to have at most when the request sets no limit.
const assumedOutputTokens = 4096

interface OpenAccountOptions {
  ports: ModelPorts
  logger: Logger
  now: () => number
  requestId: string
  trace?: TraceContext | undefined
  /** The call that it is a shadow of. */
  shadowOf?: string
  caller: ModelCaller
  /** That of the loop which calls, where it has one. */
  session?: CallingSession | undefined
  guard: CallGuard
  dialect: ModelCallRecord['dialect']
  route: string
  streamed: boolean
  inputCharacters: number
  maxOutputTokens: number | undefined
  startedAt: Date
}

/** Keeps one call within policy and budget, whichever target it ends at, and tells what became of it. */
export interface CallAccount {
  /**
   * Admits a target and holds what it can cost at most; what was held for the target before it is released, unless both
   * are asked at once.
   * @throws CausewayError policy-denied, limit-exceeded, rate-limited
   */
  admit(target: Target, admission?: Admission): Promise<void>
  /**
   * Admits an answer of a target that is given again, which counts as a request that costs nothing; false where a policy
   * denies the target.
   * @throws CausewayError limit-exceeded, rate-limited
   */
  admitKept(target: Target, kept: Pick<KeptAnswer, 'nanoUsd'>): Promise<boolean>
  /** No answer was kept for the call. */
  missed(): void
  /** Whether the answer fits the schema that was asked for. */
  checked(structuredOutput: NonNullable<ModelCallRecord['structuredOutput']>): void
  /** The route that is taken, which is another than the one that was asked for when a budget says so. */
  planned(plan: RoutePlan): void
  began(attempted: Attempted<Pick<BegunAnswer, 'use'>>): void
  /** Budgets that are nearly used up. */
  warnings(): readonly string[]
  /** What is left of the budgets that the call fits into. */
  rateLimits(): RateLimit[]
  /** What the attempt used before it failed is paid for with the call. */
  attemptFailed(target: Target, failure: ProviderFailure): void
  /** The answer ends here and is to be gone on with elsewhere: what it has used is settled. */
  brokeOff(): Promise<void>
  failed(error: unknown): void
  /** Settles and records. Does not throw: the answer has been given, and a ledger that is down is for the log. */
  close(): Promise<void>
}

export function openAccount(options: OpenAccountOptions): CallAccount {
  const { ports, logger, now, caller, guard, inputCharacters, startedAt } = options
  let { route } = options
  let reservation: HeldRoom | undefined
  let warned: readonly string[] = []
  let target: Target | undefined
  let plan: RoutePlan | undefined
  let begun: Attempted<Pick<BegunAnswer, 'use'>> | undefined
  let beganAt: number | undefined
  /** Targets that are asked at the same time as the last that was admitted. */
  let besides: { reservation: HeldRoom; target: Target }[] = []
  /** What was used by answers that broke off and were gone on with. */
  const earlier: CallUse[] = []
  /** What was used by attempts that failed. */
  const inVain: CallUse[] = []
  let error: unknown
  let cache: ModelCallRecord['cache'] = null
  let savedNanoUsd = 0
  let structuredOutput: ModelCallRecord['structuredOutput'] = null

  const release = async (): Promise<void> => {
    const released = reservation
    reservation = undefined
    if (released !== undefined) await ports.release(released)
  }

  /** A client that leaves before the answer begins has still had its input read by the provider. */
  const abandonedUse = (spec: Target['spec'], model: string): CallUse => {
    const usage = { ...noTokens, inputTokens: estimateTokens(inputCharacters) }
    return {
      usage,
      usageEstimated: true,
      ...priceCall({ spec, model, usage, usageEstimated: true, at: startedAt }),
    }
  }

  const bill = (): CallUse => {
    if (!begun && target && error instanceof ClientGone) return abandonedUse(target.spec, target.model)
    if (!begun || cache === 'hit')
      return { usage: noTokens, usageEstimated: false, cost: { nanoUsd: 0, status: 'exact' }, priceVersion }
    const { usage, usageEstimated, billing } = begun.answer.use()
    const { spec, model } = begun.target
    return {
      usage,
      usageEstimated,
      ...priceCall({ spec, model, usage, usageEstimated, billing, at: startedAt }),
    }
  }

  const dataClasses = (): string[] => [...new Set([...guard.dataClasses(), ...(plan?.dataClasses ?? [])])]

  const recordOf = (use: CallUse): ModelCallRecord => ({
    ...use,
    requestId: options.requestId,
    trace: options.trace,
    shadowOf: options.shadowOf ?? null,
    caller,
    sessionId: options.session?.id ?? null,
    dialect: options.dialect,
    streamed: options.streamed,
    route: options.route,
    routing: plan ? { strategy: plan.strategy, reason: plan.reason, leftOut: plan.leftOut } : null,
    provider: target?.provider ?? null,
    model: target?.model ?? null,
    rehearsal: target?.spec.type === 'rehearsal',
    outcome: outcomeOf(error),
    errorCode: codeOf(error),
    errorMessage: refusalOf(error),
    downgradedTo: plan && plan.name !== options.route ? plan.name : null,
    budgetWarnings: warned,
    finishReason: begun?.answer.use().finishReason ?? null,
    serviceTier: begun?.answer.use().billing?.serviceTier?.slice(0, 60) ?? null,
    cache,
    savedNanoUsd,
    structuredOutput,
    dataClasses: dataClasses(),
    guardrails: guard.findings(),
    attempts: begun?.attempts ?? (error instanceof ProviderFailure ? error.attempts : []),
    startedAt,
    firstByteMs: beganAt === undefined ? null : beganAt - startedAt.getTime(),
    durationMs: now() - startedAt.getTime(),
  })

  /** One that was asked beside the last has answered. */
  const swap = (winner: Target): void => {
    const held = besides.find(each => targetName(each.target) === targetName(winner))
    if (!held) return
    if (reservation && target) besides = [...besides.filter(each => each !== held), { reservation, target }]
    reservation = held.reservation
    target = winner
  }

  /** Who was asked in vain has read the input, when another has answered. Does not throw. */
  const endBesides = async (): Promise<void> => {
    for (const held of besides) {
      const use = begun || error instanceof ClientGone ? abandonedUse(held.target.spec, held.target.model) : undefined
      if (use) earlier.push(use)
      try {
        await (use ? ports.settle(held.reservation, use) : ports.release(held.reservation))
      } catch (cause) {
        logger.error({ err: cause }, 'a model call could not be settled')
      }
    }
  }

  /** Does not throw: the answer has been given, and a ledger that is down is for the log. */
  const end = async (use: CallUse): Promise<void> => {
    try {
      if (reservation !== undefined && (cache === 'hit' || use.usage.inputTokens + use.usage.outputTokens > 0)) {
        const settled = reservation
        reservation = undefined
        await ports.settle(settled, use)
      } else await release()
    } catch (cause) {
      logger.error({ err: cause, reservation }, 'a model call could not be settled')
    }
  }

  const hold = async (candidate: Target, estimate: CallEstimate, beside = false): Promise<void> => {
    const subject = subjectOf(route, candidate, dataClasses())
    await requireAllowed(ports, caller, subject)
    await options.session?.admit(estimate, { beside })
    await release()
    reservation = await ports.reserve(caller, subject, estimate)
    warned = reservation.warnings
    target = candidate
  }

  return {
    async admit(candidate, { beside = false } = { beside: false }) {
      const { spec, model } = candidate
      const { maxOutputTokens = assumedOutputTokens } = options
      const estimate = estimateCost({ spec, model, inputCharacters, maxOutputTokens, at: startedAt })
      const other = beside && reservation && target ? { reservation, target } : undefined
      if (other) reservation = undefined
      try {
        await hold(candidate, estimate, beside)
        if (other) besides.push(other)
      } catch (refused) {
        if (other) ({ reservation } = other)
        throw refused
      }
    },
    async admitKept(candidate, kept) {
      try {
        await hold(candidate, { inputTokens: 0, outputTokens: 0, nanoUsd: 0, priced: true })
      } catch (denied) {
        if (denied instanceof CausewayError && denied.code === 'policy-denied') return false
        throw denied
      }
      cache = 'hit'
      savedNanoUsd = kept.nanoUsd
      return true
    },
    missed() {
      cache = 'miss'
    },
    checked(found) {
      structuredOutput = found
    },
    warnings: () => reservation?.warnings ?? [],
    rateLimits: () => reservation?.rateLimits() ?? [],
    planned(chosen) {
      plan = chosen
      route = chosen.name
    },
    began(attempted) {
      begun = attempted
      if (target && targetName(target) !== targetName(attempted.target)) swap(attempted.target)
      beganAt = now()
    },
    attemptFailed({ spec, model }, { used: usage }) {
      const at = startedAt
      if (usage)
        inVain.push({ usage, usageEstimated: true, ...priceCall({ spec, model, usage, usageEstimated: true, at }) })
    },
    async brokeOff() {
      const use = bill()
      earlier.push(use)
      begun = undefined
      await end(use)
    },
    failed(cause) {
      error = cause
    },
    async close() {
      const use = sumOfUses([bill(), ...inVain])
      await end(use)
      await endBesides()
      const record = recordOf(sumOfUses([...earlier, use]))
      ports.record(record)
      await options.session?.note(record)
    },
  }
}

function outcomeOf(error: unknown): ModelCallRecord['outcome'] {
  if (error === undefined) return 'completed'
  return error instanceof ClientGone ? 'abandoned' : 'failed'
}

const ownRefusals: ReadonlySet<ErrorCode> = new Set([
  'policy-denied',
  'guardrail-blocked',
  'budget-exceeded',
  'rate-limited',
  'no-provider-available',
  'model-not-found',
])

function refusalOf(error: unknown): string | null {
  if (!(error instanceof CausewayError) || error instanceof ProviderFailure) return null
  return ownRefusals.has(error.code) ? error.message.slice(0, 1000) : null
}

function codeOf(error: unknown): ErrorCode | null {
  if (error === undefined || error instanceof ClientGone) return null
  return error instanceof CausewayError ? error.code : 'internal'
}
