import { sql, type RawBuilder } from 'kysely'
import type { Scope } from './scope.ts'

/**
 * The end of a statement that begins with `with alert as (…)`: a message to each webhook in force that asks for events of the
 * `type` of a row of `alert`, so that what is noted is told, and told once.
 */
export const tellWebhooksOfAlert = (
  { organisationId, environmentId }: Scope,
  payload: object,
): RawBuilder<unknown> => sql`
    insert into webhook_deliveries (organisation_id, environment_id, webhook, session_id, sequence, run_id, type, payload)
    select active.organisation_id, active.environment_id, active.name, '', 0, '', alert.type, ${JSON.stringify(payload)}::jsonb
    from alert join active_manifests as active on active.kind = 'Webhook'
      and active.organisation_id = ${organisationId} and active.environment_id = ${environmentId}
    join manifests on manifests.kind = 'Webhook' and manifests.organisation_id = active.organisation_id
      and manifests.name = active.name and manifests.version = active.version
    where manifests.spec -> 'events' ? alert.type
      and not exists (select from disabled_webhooks as disabled where disabled.organisation_id = active.organisation_id
        and disabled.environment_id = active.environment_id and disabled.name = active.name)`
