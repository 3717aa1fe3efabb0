import type { BudgetAlert } from '@causeway/contracts'
import { sql } from 'kysely'
import type { Connection, Scope } from '../database/index.ts'
import type { CounterKey } from './applying-budgets.ts'

/**
 * Notes that a budget is nearly or wholly used up, and tells the webhooks that ask for it: once for each window, whichever replica finds it
 * out, and both or neither.
 */
export async function insertAlert(
  connection: Connection,
  { organisationId, environmentId }: Scope,
  { environmentId: counted, budget, subject, windowStart }: CounterKey,
  { type, ...payload }: BudgetAlert,
): Promise<void> {
  await sql`
    with alert as (
      insert into budget_alerts (organisation_id, environment_id, budget, subject, window_start, type)
      values (${organisationId}, ${counted}, ${budget}, ${subject}, ${windowStart}, ${type})
      on conflict do nothing returning type
    )
    insert into webhook_deliveries (organisation_id, environment_id, webhook, session_id, sequence, run_id, type, payload)
    select active.organisation_id, active.environment_id, active.name, '', 0, '', alert.type, ${JSON.stringify(payload)}::jsonb
    from alert join active_manifests as active on active.kind = 'Webhook'
      and active.organisation_id = ${organisationId} and active.environment_id = ${environmentId}
    join manifests on manifests.kind = 'Webhook' and manifests.organisation_id = active.organisation_id
      and manifests.name = active.name and manifests.version = active.version
    where manifests.spec -> 'events' ? alert.type
      and not exists (select from disabled_webhooks as disabled where disabled.organisation_id = active.organisation_id
        and disabled.environment_id = active.environment_id and disabled.name = active.name)`.execute(connection)
}
