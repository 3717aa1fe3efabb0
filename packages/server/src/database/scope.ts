import type { ExpressionBuilder, ExpressionWrapper, SqlBool } from 'kysely'

/** The tenant boundary of a query: one environment of one organisation. */
export interface Scope {
  readonly organisationId: string
  readonly environmentId: string
}

type Owned = { organisation_id: string; environment_id: string }

/** The one filter that every query over owned rows carries: `.where(inScope(scope))`. */
export const inScope =
  ({ organisationId, environmentId }: Scope) =>
  <Tables, Table extends keyof Tables>(
    expressions: ExpressionBuilder<Tables, Table>,
  ): ExpressionWrapper<Tables, Table, SqlBool> => {
    const owned = expressions as unknown as ExpressionBuilder<{ rows: Owned }, 'rows'>
    return owned.and({
      organisation_id: organisationId,
      environment_id: environmentId,
    }) as unknown as ExpressionWrapper<Tables, Table, SqlBool>
  }

/** The owner columns of a new row. */
export const ownedBy = ({ organisationId, environmentId }: Scope): Owned => ({
  organisation_id: organisationId,
  environment_id: environmentId,
})
