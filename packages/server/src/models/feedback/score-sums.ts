import { keptFresh, type Database, type Scope } from '../../database/index.ts'
import type { Logger } from '../../telemetry/index.ts'
import { targetName } from '../routing/target-latency.ts'
import { sumScores } from './feedback-store.ts'

/** How many scores there are, from 0 to 1 each, and their sum. */
export interface ScoreSum {
  count: number
  sum: number
}

/** What was thought of the answers of targets. */
export interface ScoreSums {
  /** Of the last thirty days, as they were some seconds ago. Nothing is waited for: at first there are none. */
  of(scope: Scope, route: string, target: string): ScoreSum
}

const none: ScoreSum = { count: 0, sum: 0 }
const countedMs = 30 * 24 * 60 * 60 * 1000
/** Milliseconds after which the sums are read again. */
const freshMs = 5_000
const environmentsKept = 1000

type Sums = ReadonlyMap<string, ScoreSum>

export function createScoreSums({ database, logger }: { database: Database; logger: Logger }): ScoreSums {
  const kept = keptFresh<Sums>({ freshMs, usableMs: Number.POSITIVE_INFINITY, limit: environmentsKept })

  const read = async (scope: Scope): Promise<Sums> => {
    const rows = await sumScores(database.kysely, scope, new Date(Date.now() - countedMs))
    return new Map(rows.map(({ route, count, sum, ...target }) => [`${route} ${targetName(target)}`, { count, sum }]))
  }

  return {
    of(scope, route, target) {
      const sums = kept.get(scope.environmentId, () => read(scope))
      if (!(sums instanceof Promise)) return sums.get(`${route} ${target}`) ?? none
      sums.catch((error: unknown) => logger.warn({ err: error }, 'feedback could not be read'))
      return none
    },
  }
}
