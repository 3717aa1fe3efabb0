import { CausewayError, type ForkSession, type Session } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { copyEvents, findSession, insertSession } from './session-store.ts'

export interface ForkDependencies {
  database: Database
  manifests: Manifests
  audit: Audit
}

/**
 * Makes a session that begins with the events of another one, up to a place in it. What the model has seen there it has seen here too.
 * @throws CausewayError not-found (session or version), invalid-request when the place is not in the log
 */
export async function forkSession(
  { database, manifests, audit }: ForkDependencies,
  caller: Caller,
  sessionId: string,
  { after, agentVersion }: ForkSession,
): Promise<Session> {
  const from = await findSession(database.kysely, caller, sessionId)
  if (!from) throw new CausewayError('not-found', `There is no session ${sessionId} in ${caller.environment}.`)
  if (after > from.lastSequence)
    throw new CausewayError('invalid-request', `The log of ${sessionId} ends with ${from.lastSequence}.`, {
      problems: [{ pointer: '/after', message: `expected at most ${from.lastSequence}, got ${after}` }],
    })
  const version = await versionOf(manifests, caller, from, agentVersion)
  const id = `session_${uuid()}`
  return database.transaction(async transaction => {
    await insertSession(transaction, caller, {
      id,
      agent: from.agent,
      agentVersion: version,
      createdBy: caller.actor,
      forkedFrom: { sessionId, after },
    })
    await copyEvents(transaction, caller, { from: sessionId, to: id, upTo: after })
    await audit.record(transaction, {
      organisationId: caller.organisationId,
      environment: caller.environment,
      actor: caller.actor,
      action: 'session.forked',
      subject: id,
      detail: { from: sessionId, after, agentVersion: version },
    })
    const made = await findSession(transaction, caller, id)
    if (!made) throw new CausewayError('internal', `The session ${id} is gone.`)
    return made
  })
}

async function versionOf(
  manifests: Manifests,
  caller: Caller,
  { agent, agentVersion }: Session,
  wanted: string | undefined,
): Promise<string> {
  if (wanted === undefined) return agentVersion
  const found =
    wanted === 'active'
      ? (await manifests.active(caller, 'Agent', agent))?.version
      : (await manifests.version(caller, 'Agent', agent, wanted)) && wanted
  if (!found) throw new CausewayError('not-found', `There is no version ${wanted} of ${agent}.`)
  return found
}
