import { CausewayError, type CreateFreeze, type Freeze, type FreezeKind } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Audit } from '../audit/index.ts'
import { keptFresh, type Database, type Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import { findFreeze, insertFreeze, listFreezes, markLifted } from './store.ts'

/** The kill switch: what is frozen may not call a model or a tool, on any replica, within a second. */
export interface Freezes {
  freeze(caller: Caller, request: CreateFreeze): Promise<Freeze>
  /** @throws CausewayError not-found, invalid-request when it is not confirmed */
  lift(caller: Caller, id: string, confirm: string): Promise<Freeze>
  /** The first of the subjects that is frozen. */
  find(scope: Scope, subjects: Readonly<Partial<Record<FreezeKind, string>>>): Promise<Freeze | undefined>
}

/** A freeze is seen by another replica after this at the latest. */
const usableMs = 700
const freshMs = 300
const environmentsKept = 1000
const inForceAtMost = 10_000
/** Without the database nothing can be frozen either: what was known goes on for so long. */
const withoutDatabaseMs = 60_000

export function createFreezes({ database, audit }: { database: Database; audit: Audit }): Freezes {
  const kept = keptFresh<readonly Freeze[]>({ freshMs, usableMs, limit: environmentsKept, warm: true })
  const lastKnown = new Map<string, { freezes: readonly Freeze[]; at: number }>()

  const inForce = async (scope: Scope): Promise<readonly Freeze[]> => {
    try {
      const freezes = await listFreezes(database.kysely, scope, {
        inForce: true,
        before: undefined,
        limit: inForceAtMost,
      })
      if (lastKnown.size >= environmentsKept) lastKnown.clear()
      lastKnown.set(scope.environmentId, { freezes, at: Date.now() })
      return freezes
    } catch (error) {
      const known = lastKnown.get(scope.environmentId)
      if (known && Date.now() - known.at < withoutDatabaseMs) return known.freezes
      throw error
    }
  }
  const recordOf = (
    { organisationId, environment, actor }: Caller,
    action: string,
    { id, kind, name, reason }: Freeze,
  ) => ({
    organisationId,
    environment,
    actor,
    action,
    subject: `${kind}:${name}`,
    detail: { id, reason },
  })

  return {
    async freeze(caller, request) {
      const made = await database.transaction(async transaction => {
        const { freeze, isNew } = await insertFreeze(transaction, caller, {
          ...request,
          id: `freeze_${uuid()}`,
          frozenBy: caller.actor,
        })
        if (isNew) await audit.record(transaction, recordOf(caller, 'freeze.set', freeze))
        return freeze
      })
      kept.clear()
      return made
    },
    async lift(caller, id, confirm) {
      const lifted = await database.transaction(async transaction => {
        const freeze = await findFreeze(transaction, caller, id)
        if (!freeze) throw new CausewayError('not-found', `There is no freeze ${id} in ${caller.environment}.`)
        if (freeze.name !== confirm)
          throw new CausewayError('invalid-request', `Confirm with the name of what is frozen, "${freeze.name}".`, {
            problems: [{ pointer: '/confirm', message: `expected "${freeze.name}"` }],
          })
        if (await markLifted(transaction, caller, id, caller.actor))
          await audit.record(transaction, recordOf(caller, 'freeze.lifted', freeze))
        return findFreeze(transaction, caller, id)
      })
      kept.clear()
      if (!lifted) throw new CausewayError('not-found', `There is no freeze ${id} in ${caller.environment}.`)
      return lifted
    },
    async find(scope, subjects) {
      const freezes = await kept.get(scope.environmentId, () => inForce(scope))
      return freezes.find(({ kind, name }) => kind === 'environment' || subjects[kind] === name)
    },
  }
}
