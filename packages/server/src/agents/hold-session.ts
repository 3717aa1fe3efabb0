import { CausewayError, type Session } from '@causeway/contracts'
import type { Caller } from '../identity/index.ts'
import type { ErasureDependencies } from './erase-sessions.ts'
import { setHold } from './erasure-store.ts'
import { findSession } from './session-store.ts'

/**
 * Keeps what was said in a session from being erased by anybody and by time; with no reason, no longer. A session that is held already keeps
 * its first reason.
 * @throws CausewayError not-found, conflict for one that was erased
 */
export async function holdSession(
  { database, audit }: ErasureDependencies,
  caller: Caller,
  id: string,
  reason: string | null,
): Promise<Session> {
  return database.transaction(async transaction => {
    const session = await findSession(transaction, caller, id)
    if (!session) throw new CausewayError('not-found', `There is no session ${id} in ${caller.environment}.`)
    if (session.erasedAt && reason !== null) throw new CausewayError('conflict', `The session ${id} was erased.`)
    const hold = reason === null ? null : { reason, by: caller.actor, at: new Date().toISOString() }
    if (!(await setHold(transaction, caller, id, hold))) return session
    await audit.record(transaction, {
      organisationId: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      action: hold ? 'session.held' : 'session.released',
      subject: id,
      detail: { reason: hold?.reason ?? session.hold?.reason },
    })
    return { ...session, hold }
  })
}
