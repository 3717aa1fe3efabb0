import { sql } from 'kysely'
import { describe, expect, test } from 'vitest'
import { createAudit } from '../src/audit/index.ts'
import { openDatabase } from '../src/database/index.ts'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { startPlatformProcess } from '../src/testing/platform-process.ts'

describe.each(databaseKinds)('retention on %s', kind => {
  test(
    'records of model calls and rows of the audit log go when their days are over, and counters of budget windows that are past [G3.calls-retention, H4.retention]',
    { timeout: 60_000 },
    async () => {
      await using store = await createTestStore(kind)
      await using first = await startPlatformProcess(store)
      await first.terminate()
      const logger = createLogger({ level: 'silent' })
      const open = () => openDatabase({ url: store.url, dataFolder: store.dataFolder, logger })
      const filled = await open()
      await sql`
        insert into model_calls (id, organisation_id, environment_id, api_key_id, actor, dialect, streamed, route, rehearsal,
          outcome, attempts, input_tokens, output_tokens, cached_input_tokens, cache_write_tokens, reasoning_tokens,
          usage_estimated, nano_usd, cost_status, price_version, started_at, duration_ms)
        select 'call-' || day, organisation_id, id, 'key', 'ann', 'openai-chat', false, 'chat', false,
          'completed', '[]', 1, 1, 0, 0, 0, false, 1, 'exact', 'none', now() - day * interval '1 day', 1
        from environments, generate_series(0, 4999) as day where name = 'dev'`.execute(filled.kysely)
      await sql`
        insert into budget_counters (organisation_id, environment_id, budget, subject, window_start)
        select id, '', 'daily', '', now() - day * interval '1 day' from organisations, generate_series(0, 199) as day
      `.execute(filled.kysely)
      // The log of an organisation that has been there for forty days.
      await sql`delete from audit_log`.execute(filled.kysely)
      await sql`update audit_heads set sequence = 0, hash = repeat('0', 64)`.execute(filled.kysely)
      const { rows: organisations } = await sql<{ id: string }>`select id from organisations`.execute(filled.kysely)
      for (const [number, days] of [40, 39, 20].entries())
        await createAudit().record(filled.kysely, {
          organisationId: organisations[0]?.id ?? '',
          environment: 'dev',
          actor: 'user:ann',
          action: 'run.created',
          subject: `run_${number + 1}`,
          detail: {},
          at: new Date(Date.now() - days * 86_400_000),
        })
      await filled.close()

      await using second = await startPlatformProcess(store, {
        CAUSEWAY_KEEP_CALLS_DAYS: '30',
        CAUSEWAY_KEEP_AUDIT_DAYS: '30',
      })
      const kept = async (): Promise<string[]> =>
        (await second.client.modelCalls.list({ limit: 200 })).data.map(({ id }) => id)
      await expect.poll(kept, { timeout: 10_000 }).toEqual(Array.from({ length: 30 }, (_, day) => `call-${day}`))
      await expect
        .poll(() => second.client.audit.verify(), { timeout: 10_000 })
        .toMatchObject({ valid: true, removed: { sequence: 2 } })
      const log = (await second.client.audit.list()).data.map(({ action, subject }) => `${action} ${subject}`)
      expect(log.slice(-2)).toEqual(['audit.removed rows up to 2', 'run.created run_3'])
      await second.terminate()
      const swept = await open()
      const { rows } = await sql`select count(*)::int8 as counters from budget_counters`.execute(swept.kysely)
      await swept.close()
      expect(rows).toEqual([{ counters: 62 }])
    },
  )
})
