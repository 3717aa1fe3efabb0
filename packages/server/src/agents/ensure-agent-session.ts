import { CausewayError } from '@causeway/contracts'
import type { Database } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'
import type { Manifests } from '../manifests/index.ts'
import { ensureSession } from './session-store.ts'

/** Makes a session of an agent, as it is in force, unless there is one with this id. @throws CausewayError not-found */
export async function ensureAgentSession(
  { database, manifests }: { database: Database; manifests: Manifests },
  caller: Caller,
  { agent, sessionId }: { agent: string; sessionId: string },
): Promise<void> {
  const active = await manifests.active(caller, 'Agent', agent)
  if (!active) throw new CausewayError('not-found', `There is no agent ${agent} in ${caller.environment}.`)
  await ensureSession(database.kysely, caller, {
    id: sessionId,
    agent,
    agentVersion: active.version,
    createdBy: caller.actor,
  })
}
