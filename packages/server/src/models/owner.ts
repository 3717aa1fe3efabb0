import type { Scope } from '../database/index.ts'
import type { Caller } from '../identity/index.ts'

/** To whom something belongs that is kept for clients of the model API: one tenant of an environment. */
export interface Owner extends Scope {
  /** The team, the person or the key. */
  owner: string
}

/** Keys of one team share what they have stored; so do keys of one person. */
export const ownerOf = ({
  organisationId,
  environmentId,
  teamId,
  userId,
  keyId,
}: Pick<Caller, 'organisationId' | 'environmentId' | 'teamId' | 'userId' | 'keyId'>): Owner => ({
  organisationId,
  environmentId,
  owner: teamId === null ? (userId === null ? `key:${keyId}` : `user:${userId}`) : `team:${teamId}`,
})
