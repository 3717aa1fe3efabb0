import { CausewayError, type Erasure } from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Database, Scope } from '../database/index.ts'
import { repeatedly } from '../jobs/index.ts'
import { eraseMemoriesOfPerson, eraseMemoriesOfSessions } from '../memory/index.ts'
import type { Logger } from '../telemetry/index.ts'
import { eraseWords, familyOf, heldAmong, oldSessions, openRunsOf, sessionsOf } from './erasure-store.ts'

export interface ErasureDependencies {
  database: Database
  audit: Audit
}

type Eraser = Scope & { environment: string; actor: string }

/** Sessions that one request erases. */
const atOnce = 100

/**
 * Erases what was said in a session, with its forks and the sessions of agents that it has called. That it was, and what it has cost, stays;
 * what was remembered in it goes where people ask for that, and keeps its own time where the session is only old.
 * @throws CausewayError not-found, conflict while a run of it has not ended or one of them is under legal hold
 */
export async function eraseSession(
  { database, audit }: ErasureDependencies,
  caller: Eraser,
  id: string,
  { withMemories }: { withMemories: boolean },
): Promise<Erasure> {
  return database.transaction(async transaction => {
    const family = await familyOf(transaction, caller, id)
    if (family.length === 0) throw new CausewayError('not-found', `There is no session ${id} in ${caller.environment}.`)
    const [held] = await heldAmong(transaction, caller, family)
    if (held)
      throw new CausewayError(
        'conflict',
        `The session ${held.id} is under legal hold (${held.hold?.reason}); whoever may hold sessions can release it.`,
      )
    const [open] = await openRunsOf(transaction, caller, family)
    if (open !== undefined)
      throw new CausewayError('conflict', `The run ${open} has not ended; cancel it, or wait for it.`)
    const { runs, events } = await eraseWords(transaction, caller, family)
    const memories = withMemories ? await eraseMemoriesOfSessions(transaction, caller, family) : 0
    await audit.record(transaction, {
      organisationId: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      action: 'session.erased',
      subject: id,
      detail: { sessions: family.length, runs, events, memories },
    })
    return { sessions: family.length, runs, events, memories, left: 0, more: false }
  })
}

/** Erases what was remembered of a person, and the person's sessions, some at a time. @returns what was erased, and whether there are more */
export async function erasePerson(dependencies: ErasureDependencies, caller: Eraser, person: string): Promise<Erasure> {
  const memories = await eraseMemories(dependencies, caller, person)
  const ids = await sessionsOf(dependencies.database.kysely, caller, person, atOnce + 1)
  const sum = { sessions: 0, runs: 0, events: 0, memories, left: 0 }
  for (const id of ids.slice(0, atOnce)) {
    const erased = await eraseSession(dependencies, caller, id, { withMemories: true }).catch(unlessOpen)
    if (!erased) sum.left++
    sum.sessions += erased?.sessions ?? 0
    sum.runs += erased?.runs ?? 0
    sum.events += erased?.events ?? 0
    sum.memories += erased?.memories ?? 0
  }
  return { ...sum, more: ids.length > atOnce && sum.sessions > 0 }
}

async function eraseMemories(
  { database, audit }: ErasureDependencies,
  caller: Eraser,
  person: string,
): Promise<number> {
  return database.transaction(async transaction => {
    const memories = await eraseMemoriesOfPerson(transaction, caller, person)
    if (memories > 0)
      await audit.record(transaction, {
        organisationId: caller.organisationId,
        environment: caller.environment,
        actor: caller.actor,
        action: 'memory.erased',
        subject: person,
        detail: { memories },
      })
    return memories
  })
}

/** A run of the session, of a fork or of an agent that it has called is under way, or one of these is under legal hold. */
function unlessOpen(error: unknown): undefined {
  if (error instanceof CausewayError && error.code === 'conflict') return undefined
  throw error
}

const everyMs = 10 * 60 * 1000

/** Erases sessions that are older than so many days, at the start and now and then. @returns the end of it */
export function startErasure({
  logger,
  keepDays,
  ...dependencies
}: ErasureDependencies & { logger: Logger; keepDays: number | undefined }): () => Promise<void> {
  if (keepDays === undefined) return async () => undefined
  const sweep = async (): Promise<void> => {
    const before = new Date(Date.now() - keepDays * 86_400_000)
    for (const { id, ...scope } of await oldSessions(dependencies.database.kysely, before, atOnce))
      await eraseSession(dependencies, { ...scope, actor: 'causeway' }, id, { withMemories: false }).catch(unlessOpen)
  }
  return repeatedly(sweep, {
    everyMs,
    atOnce: true,
    onError: error => logger.warn({ err: error }, 'old sessions could not be erased; it is tried again'),
  })
}
