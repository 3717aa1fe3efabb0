import { CausewayError, type Approval } from '@causeway/contracts'
import type { Database, Scope } from '../database/index.ts'
import type { SignedTokens } from '../secrets/index.ts'
import type { Decider } from './create-approvals.ts'
import { findApproval } from './store.ts'

/** Addresses at which one person decides one approval, without an account. */
export interface ApprovalLinks {
  urlFor(scope: Scope, link: { id: string; person: string; expiresAt: Date }): string
  /** @throws CausewayError not-found for what is no such address, gone in time, or names an approval that is not there */
  read(token: string): Promise<{ approval: Approval; decider: Decider }>
}

/** @param baseUrl where people reach the platform */
export function createApprovalLinks({
  tokens,
  database,
  baseUrl,
}: {
  tokens: SignedTokens
  database: Database
  baseUrl: () => string
}): ApprovalLinks {
  return {
    urlFor: ({ organisationId, environmentId }, { id, person, expiresAt }) =>
      `${baseUrl()}/approve/${tokens.sign([organisationId, environmentId, id, person, expiresAt.toISOString()])}`,
    async read(token) {
      const [organisationId, environmentId, id, person, expiresAt] = tokens.read(token) ?? []
      const gone = new CausewayError('not-found', 'This address leads to no approval, or its time is over.')
      if (!organisationId || !environmentId || !id || !person || !expiresAt) throw gone
      if (Date.parse(expiresAt) <= Date.now()) throw gone
      const scope = { organisationId, environmentId }
      const approval = await findApproval(database.kysely, scope, id)
      if (!approval) throw gone
      return { approval, decider: { ...scope, environment: approval.environment, actor: person } }
    },
  }
}
