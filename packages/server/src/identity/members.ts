import {
  CausewayError,
  rightsOfRole,
  type CreateTeam,
  type CreateUser,
  type Team,
  type User,
} from '@causeway/contracts'
import type { Audit } from '../audit/index.ts'
import type { Database } from '../database/index.ts'
import type { Caller } from '../http/index.ts'
import { insertTeam, insertUser, lockOrganisation, teamNameTaken, userTaken } from './organisation-store.ts'

interface Dependencies {
  database: Database
  audit: Audit
}

/** @throws CausewayError conflict */
export function createTeam({ database, audit }: Dependencies, caller: Caller, { name }: CreateTeam): Promise<Team> {
  const { organisationId, environment, actor } = caller
  return database.transaction(async transaction => {
    await lockOrganisation(transaction, organisationId)
    if (await teamNameTaken(transaction, organisationId, name))
      throw new CausewayError('conflict', `There already is a team ${name}.`)
    const team = await insertTeam(transaction, organisationId, name)
    await audit.record(transaction, {
      organisationId,
      environment,
      actor,
      action: 'team.created',
      subject: team.id,
      detail: { name },
    })
    return team
  })
}

/** Creates a user, who can do no more than its creator. @throws CausewayError missing-right, conflict */
export function createUser(
  { database, audit }: Dependencies,
  caller: Caller,
  { name, role, ...rest }: CreateUser,
): Promise<User> {
  const { organisationId, environment, actor } = caller
  const email = rest.email ?? null
  const beyond = rightsOfRole[role].filter(right => !caller.rights.has(right))
  if (beyond.length > 0) throw new CausewayError('missing-right', `${actor} cannot grant ${beyond.join(', ')}.`)
  return database.transaction(async transaction => {
    await lockOrganisation(transaction, organisationId)
    // Users stand by their names in the audit log.
    if (await userTaken(transaction, organisationId, { name, email }))
      throw new CausewayError('conflict', `There already is a user ${name}, or one with that address.`)
    const user = await insertUser(transaction, organisationId, { name, email, role })
    await audit.record(transaction, {
      organisationId,
      environment,
      actor,
      action: 'user.created',
      subject: user.id,
      detail: { name, role },
    })
    return user
  })
}
