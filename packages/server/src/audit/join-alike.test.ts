import { expect, test } from 'vitest'
import { joinAlike } from './join-alike.ts'

test('decisions that are alike are one record with their number; others stay apart, in their order', () => {
  const record = (actor: string, second: number, route = 'chat') => ({
    organisationId: 'o',
    environment: 'dev',
    actor,
    action: 'model.allow',
    subject: 'claude/m',
    detail: { route },
    at: new Date(Date.UTC(2026, 0, 1, 0, 0, second)),
  })
  const joined = joinAlike([
    record('ann', 0),
    record('bob', 1),
    record('ann', 2),
    record('ann', 3, 'other'),
    record('ann', 4),
  ])
  expect(joined.map(({ actor, at, detail }) => [actor, at?.getUTCSeconds(), detail])).toEqual([
    ['ann', 0, { route: 'chat', calls: 3, until: '2026-01-01T00:00:04.000Z' }],
    ['bob', 1, { route: 'chat', calls: 1 }],
    ['ann', 3, { route: 'other', calls: 1 }],
  ])
})
