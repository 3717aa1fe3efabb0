import { sql, type RawBuilder, type SqlBool } from 'kysely'

/** The tenant boundary of a query: one environment of one organisation. */
export interface Scope {
  readonly organisationId: string
  readonly environmentId: string
}

type Owned = { organisation_id: string; environment_id: string }

/** The one filter that every query over owned rows carries: `.where(inScope(scope))`. */
export const inScope = ({ organisationId, environmentId }: Scope): RawBuilder<SqlBool> =>
  sql<SqlBool>`(organisation_id = ${organisationId} and environment_id = ${environmentId})`

/** The owner columns of a new row. */
export const ownedBy = ({ organisationId, environmentId }: Scope): Owned => ({
  organisation_id: organisationId,
  environment_id: environmentId,
})
