import { serviceLevelObjective, webhook } from '@causeway/sdk'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../database/testing/index.ts'
import { openManifests } from '../manifests/testing/open-manifests.ts'
import { createObjectives } from './create-objectives.ts'
import { deleteOldOutcomes } from './store.ts'

const minuteMs = 60_000
const logger = pino({ level: 'silent' })

describe.each(databaseKinds)('objectives on %s', kind => {
  test('an alert is told when the budget burns too fast and when it no longer does, once, whichever replica sees it [G4.slos, G4.error-budgets]', async () => {
    await using store = await openManifests(kind)
    const { kysely } = store.database
    const [caller, elsewhere] = [await store.callerIn('dev'), await store.callerIn('stage')]
    const manifests = store.replica()
    await manifests.apply(caller, {
      manifests: [
        serviceLevelObjective({ name: 'answers', of: 'runs', target: 99 }),
        webhook({
          name: 'pager',
          url: 'https://pager.example',
          events: ['objective-burning', 'objective-recovered'],
          secret: { secret: 'HOOK' },
        }),
      ],
    })
    let at = Date.parse('2026-11-20T10:00:00Z')
    const objectives = createObjectives({ database: store.database, manifests, logger, now: () => at })
    const other = createObjectives({ database: store.database, manifests: store.replica(), logger, now: () => at })
    const end = async (status: 'succeeded' | 'failed', times: number): Promise<void> => {
      for (let time = 0; time < times; time++) await objectives.countRun(caller, { agent: 'clerk', status })
    }
    const watch = () => Promise.all([objectives.watch(), other.watch(), objectives.watch()])
    const told = async () => {
      const rows = await kysely.selectFrom('webhook_deliveries').select(['type', 'payload']).orderBy('id').execute()
      return rows.map(({ type, payload }) => [type, payload?.['hours'], payload?.['severity']])
    }
    const standing = async () => (await objectives.list(caller, { after: undefined, limit: 10 }))[0]

    expect(await standing()).toMatchObject({ good: 0, bad: 0, attained: null, errorBudget: { remainingPercent: 100 } })
    await end('succeeded', 60)
    at += 30 * minuteMs
    await watch()
    expect(await told()).toEqual([])
    await end('failed', 40)
    await objectives.countRun(elsewhere, { agent: 'clerk', status: 'failed' })
    await watch()
    await watch()
    expect(await told()).toEqual([
      ['objective-burning', 1, 'page'],
      ['objective-burning', 6, 'page'],
      ['objective-burning', 72, 'ticket'],
    ])
    const burning = await standing()
    expect(burning).toMatchObject({ good: 60, bad: 40, attained: 60, windowDays: 28 })
    expect(burning?.errorBudget.allowed).toBeCloseTo(1)
    expect(burning?.errorBudget.remainingPercent).toBeCloseTo(-3900)
    expect(burning?.burn.map(({ firingSince }) => firingSince)).toEqual(Array(3).fill('2026-11-20T10:30:00.000Z'))

    // It stops at once, and each alert ends when its short window is over.
    at += 11 * minuteMs
    await end('succeeded', 20)
    await watch()
    at += 30 * minuteMs
    await watch()
    at += 8 * 60 * minuteMs
    await watch()
    expect((await told()).slice(3)).toEqual([
      ['objective-recovered', 1, 'page'],
      ['objective-recovered', 6, 'page'],
      ['objective-recovered', 72, 'ticket'],
    ])
    expect((await standing())?.burn.map(({ firingSince }) => firingSince)).toEqual([null, null, null])

    const { days } = await objectives.get(caller, 'answers')
    expect(days).toEqual([{ day: '2026-11-20', good: 80, bad: 40 }])
    expect(await objectives.list(elsewhere, { after: undefined, limit: 10 })).toEqual([])
    await expect(objectives.get(elsewhere, 'answers')).rejects.toMatchObject({ code: 'not-found' })
    // Four weeks later nothing of it is left in the window, and after the longest window nothing at all.
    at += 29 * 24 * 60 * minuteMs
    expect(await standing()).toMatchObject({ good: 0, bad: 0, attained: null })
    expect(await deleteOldOutcomes(kysely, new Date(at), 100)).toBeGreaterThan(0)
    expect(await deleteOldOutcomes(kysely, new Date(at), 100)).toBe(0)
  })
})
