import type { KeyRecord } from './key-store.ts'
import type { OwnedEnvironment } from './organisation-store.ts'

/** Who wants to use an environment. */
export type EnvironmentUser = Pick<KeyRecord, 'environmentId' | 'teamId'> & { rights: Iterable<string> }

/**
 * Whether a key may be used in an environment: one of a project that is for a team is for keys of that team, for those that an
 * administrator has bound to it, and for whoever may change who is in which team.
 */
export const mayUse = ({ environmentId, teamId, rights }: EnvironmentUser, environment: OwnedEnvironment): boolean =>
  environment.teamId === null ||
  environment.teamId === teamId ||
  environment.id === environmentId ||
  new Set(rights).has('members:write')
