import type { BudgetAlert } from '@causeway/contracts'
import { sql } from 'kysely'
import { tellWebhooksOfAlert, type Connection, type Scope } from '../database/index.ts'
import type { CounterKey } from './applying-budgets.ts'

/**
 * Notes that a budget is nearly or wholly used up, and tells the webhooks that ask for it: once for each window, whichever replica finds it
 * out, and both or neither.
 */
export async function insertAlert(
  connection: Connection,
  scope: Scope,
  { environmentId: counted, budget, subject, windowStart }: CounterKey,
  { type, ...payload }: BudgetAlert,
): Promise<void> {
  await sql`
    with alert as (
      insert into budget_alerts (organisation_id, environment_id, budget, subject, window_start, type)
      values (${scope.organisationId}, ${counted}, ${budget}, ${subject}, ${windowStart}, ${type})
      on conflict do nothing returning type
    ) ${tellWebhooksOfAlert(scope, payload)}`.execute(connection)
}
