import {
  CausewayError,
  type BurnRate,
  type ManifestOf,
  type ObjectiveAlert,
  type ServiceLevelObjective,
  type ServiceLevelObjectiveDetail,
} from '@causeway/contracts'
import type { Database, Scope } from '../database/index.ts'
import { repeatedly } from '../jobs/index.ts'
import type { Manifests } from '../manifests/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { allowedShare, burnRate, burnRules, isBurning, thresholdOf, type Outcomes } from './burn-rate.ts'
import { outcomeOfCall, outcomeOfRun, type EndedCall, type EndedRun } from './outcome.ts'
import {
  addOutcomes,
  dropAlerts,
  endAlert,
  environmentsWithOutcomes,
  fireAlert,
  firingAlerts,
  outcomesByDay,
  outcomesSince,
  slotMs,
} from './store.ts'

/** What is promised of calls and runs, and how it stands. */
export interface Objectives {
  /** Counts calls that have ended. Does not throw: no record of a call is held up by it. */
  countCalls(calls: readonly (EndedCall & { caller: Scope })[]): Promise<void>
  /** Counts a run that has ended. Does not throw. */
  countRun(scope: Scope, run: EndedRun): Promise<void>
  /** The objectives in force whose names come after one, so many at most. */
  list(scope: Scope, page: { after: string | undefined; limit: number }): Promise<ServiceLevelObjective[]>
  /** @throws CausewayError not-found */
  get(scope: Scope, name: string): Promise<ServiceLevelObjectiveDetail>
  /** Looks at all objectives of all environments, and tells webhooks which alerts fire and which no longer do. */
  watch(): Promise<void>
}

interface ObjectivesOptions {
  database: Pick<Database, 'kysely'>
  manifests: Pick<Manifests, 'allActive'>
  logger: Logger
  now?: () => number
}

type Manifest = ManifestOf<'ServiceLevelObjective'>

/** An objective with what is to be told of it: whether its budget burns too fast now, whatever was told before. */
interface Standing extends ServiceLevelObjective {
  burn: (BurnRate & { burning: boolean })[]
}

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** The longest window of a burn rate. */
const watchedMs = 72 * hourMs

export function createObjectives({ database, manifests, logger, now = Date.now }: ObjectivesOptions): Objectives {
  const { kysely } = database

  const inForce = async (scope: Scope): Promise<Manifest[]> =>
    (await manifests.allActive(scope, 'ServiceLevelObjective')).map(({ manifest }) => manifest)

  const count = async (
    scope: Scope,
    outcomes: (manifest: Manifest) => readonly ('good' | 'bad' | undefined)[],
  ): Promise<void> => {
    try {
      const counted = (await inForce(scope)).map(manifest => ({
        objective: manifest.name,
        at: now(),
        ...sumOf(outcomes(manifest)),
      }))
      const some = counted.filter(({ good, bad }) => good + bad > 0)
      if (some.length > 0) await addOutcomes(kysely, scope, some)
    } catch (error) {
      logger.warn({ err: error }, 'what was good and bad for objectives could not be counted')
    }
  }

  const standingOf = async (
    scope: Scope,
    { name, spec }: Manifest,
    alerts: Awaited<ReturnType<typeof firingAlerts>>,
  ): Promise<Standing> => {
    const { target } = spec
    const windowDays = windowDaysOf(spec)
    const since = (ago: number): Date => new Date(Math.floor((now() - ago) / slotMs) * slotMs)
    const [whole = none, ...parts] = await outcomesSince(kysely, scope, name, [
      since(windowDays * dayMs),
      ...burnRules.flatMap(({ hours }) => [since(hours * hourMs), since((hours * hourMs) / 12)]),
    ])
    const all = whole.good + whole.bad
    const allowed = all * allowedShare(target)
    return {
      name,
      spec,
      windowDays,
      ...whole,
      attained: all === 0 ? null : (100 * whole.good) / all,
      errorBudget: { allowed, remainingPercent: all === 0 ? 100 : 100 * (1 - whole.bad / allowed) },
      burn: burnRules.map((rule, place) => {
        const { severity, hours } = rule
        const [long = none, recent = none] = parts.slice(2 * place)
        const [rate, recentRate] = [burnRate(long, target), burnRate(recent, target)]
        const threshold = thresholdOf(rule, target, windowDays)
        const firing = alerts.find(alert => alert.objective === name && alert.hours === hours)
        return {
          severity,
          hours,
          rate,
          recentRate,
          threshold,
          burning: isBurning(rate, recentRate, threshold, long),
          firingSince: firing?.since.toISOString() ?? null,
        }
      }),
    }
  }

  const watchOne = async (scope: Scope): Promise<void> => {
    const [objectives, alerts] = await Promise.all([inForce(scope), firingAlerts(kysely, scope)])
    const names = new Set(objectives.map(({ name }) => name))
    await dropAlerts(
      kysely,
      scope,
      alerts.map(({ objective }) => objective).filter(name => !names.has(name)),
    )
    for (const manifest of objectives) {
      const { name, spec, windowDays, burn } = await standingOf(scope, manifest, alerts)
      for (const { burning, firingSince, severity, hours, rate, threshold } of burn) {
        if (burning === (firingSince !== null)) continue
        const alert: ObjectiveAlert = {
          type: burning ? 'objective-burning' : 'objective-recovered',
          objective: name,
          severity,
          hours,
          rate,
          threshold,
          target: spec.target,
          windowDays,
          since: firingSince ?? new Date(now()).toISOString(),
        }
        await (burning ? fireAlert : endAlert)(kysely, scope, alert)
      }
    }
  }

  return {
    async countCalls(calls) {
      for (const [, [first, ...others]] of Map.groupBy(calls, ({ caller }) => caller.environmentId))
        if (first)
          await count(first.caller, ({ spec }) =>
            spec.of === 'model-calls' ? [first, ...others].map(call => outcomeOfCall(spec, call)) : [],
          )
    },
    countRun: (scope, run) => count(scope, ({ spec }) => (spec.of === 'runs' ? [outcomeOfRun(spec, run)] : [])),
    async list(scope, { after = '', limit }) {
      const [objectives, alerts] = await Promise.all([inForce(scope), firingAlerts(kysely, scope)])
      const page = objectives
        .filter(({ name }) => name > after)
        .toSorted((one, other) => (one.name < other.name ? -1 : 1))
        .slice(0, limit)
      return Promise.all(page.map(manifest => standingOf(scope, manifest, alerts)))
    },
    async get(scope, name) {
      const found = (await inForce(scope)).find(manifest => manifest.name === name)
      if (!found) throw new CausewayError('not-found', `There is no ServiceLevelObjective ${name} in this environment.`)
      const since = new Date(now() - windowDaysOf(found.spec) * dayMs)
      const [standing, days] = await Promise.all([
        firingAlerts(kysely, scope).then(alerts => standingOf(scope, found, alerts)),
        outcomesByDay(kysely, scope, name, since),
      ])
      return { ...standing, days }
    },
    async watch() {
      for (const scope of await environmentsWithOutcomes(kysely, new Date(now() - watchedMs))) await watchOne(scope)
    },
  }
}

const none: Outcomes = { good: 0, bad: 0 }

/** Google's workbook takes four weeks, so that each window has as many weekends. */
const windowDaysOf = ({ windowDays = 28 }: Manifest['spec']): number => windowDays

function sumOf(outcomes: readonly ('good' | 'bad' | undefined)[]): Outcomes {
  const good = outcomes.filter(each => each === 'good').length
  return { good, bad: outcomes.filter(each => each === 'bad').length }
}

const everyMs = 60_000

/** Watches objectives once a minute, on every replica; each alert is told by one. @returns the end of it */
export function startWatchingObjectives({
  objectives,
  logger,
}: {
  objectives: Objectives
  logger: Logger
}): () => Promise<void> {
  return repeatedly(() => objectives.watch(), {
    everyMs,
    onError: error => logger.warn({ err: error }, 'objectives could not be looked at; it is tried again'),
  })
}
