import { expect, test } from 'vitest'
import { createAudit } from '../audit/index.ts'
import { databaseKinds, openTestDatabase } from '../database/testing/index.ts'
import { createOrganisation } from '../identity/index.ts'
import { listTriggers, noteFiring, planTrigger, takeDueTriggers } from './store.ts'

test.each(databaseKinds)(
  'on %s a time is taken by one replica, and by another when that one has died [A7.cron, A4.no-repeated-effects]',
  async kind => {
    await using database = await openTestDatabase(kind)
    const { kysely } = database
    await database.transaction(transaction => createOrganisation(transaction, createAudit(), 'default'))
    const environment = await kysely.selectFrom('environments').selectAll().executeTakeFirstOrThrow()
    const scope = { organisationId: environment.organisation_id, environmentId: environment.id }
    const dueAt = new Date('2026-01-01T06:00:00Z')
    await planTrigger(kysely, scope, { name: 'nightly', version: 'v', nextAt: dueAt })
    expect(await takeDueTriggers(kysely, 10)).toEqual([{ ...scope, name: 'nightly', dueAt }])
    expect(await takeDueTriggers(kysely, 10)).toEqual([])

    // Whoever took it has not come back: it is the same time, so the same run.
    await kysely
      .updateTable('triggers')
      .set({ claimed_until: new Date(0) })
      .execute()
    expect(await takeDueTriggers(kysely, 10)).toEqual([{ ...scope, name: 'nightly', dueAt }])
    const nextAt = new Date(Date.now() + 60_000)
    await noteFiring(kysely, scope, 'nightly', { runId: 'run_1', error: null, nextAt })
    expect(await takeDueTriggers(kysely, 10)).toEqual([])
    expect(await listTriggers(kysely, scope)).toMatchObject([{ next_at: nextAt, last_run_id: 'run_1' }])
  },
)
