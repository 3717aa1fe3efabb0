import { webhook } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

describe.each(databaseKinds)('an incident on %s', kind => {
  test('is opened, taken on, gone on with and resolved by those who may, and each step is in its timeline and the audit log [E6.incident-workflow, G5.incidents]', async () => {
    await using platform = await startTestPlatform({ kind })
    const { admin } = platform
    await platform.apply(
      webhook({
        name: 'pager',
        url: 'http://127.0.0.1:9/none',
        events: ['incident-opened', 'incident-resolved'],
        secret: { secret: 'HOOK' },
      }),
    )
    const operator = await platform.clientOf('operator')
    const viewer = await platform.clientOf('viewer')
    const about = [{ kind: 'run' as const, id: 'run_7' }]
    const opened = await operator.incidents.open({ title: ' Pays twice ', about, note: 'The bank says so.' })
    expect(opened).toMatchObject({ title: 'Pays twice', severity: 'high', status: 'open', about, resolvedAt: null })
    await expect(viewer.incidents.open({ title: 'Mine' })).rejects.toMatchObject({ code: 'missing-right' })
    await expect(viewer.incidents.add(opened.id, { note: 'Mine' })).rejects.toMatchObject({ code: 'missing-right' })

    const { actor } = await operator.me()
    await operator.incidents.add(opened.id, { status: 'acknowledged', assignee: actor })
    await operator.incidents.add(opened.id, { severity: 'critical', about: [...about, { kind: 'tool', id: 'pay' }] })
    await expect(operator.incidents.add(opened.id, { status: 'acknowledged' })).rejects.toMatchObject({
      code: 'conflict',
    })
    await expect(operator.incidents.add(opened.id, {})).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(operator.incidents.add(opened.id, { status: 'resolved' })).rejects.toMatchObject({
      code: 'invalid-request',
      problems: [{ pointer: '/body/note' }],
    })
    // Of those who resolve it at once, one does.
    const note = 'A retry without a key.'
    const outcomes = await Promise.allSettled(
      Array.from({ length: 4 }, () => operator.incidents.add(opened.id, { status: 'resolved', note })),
    )
    expect(outcomes.map(({ status }) => status).toSorted((one, other) => one.localeCompare(other))).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ])

    const read = await viewer.incidents.get(opened.id)
    expect(read).toMatchObject({ status: 'resolved', severity: 'critical', assignee: actor })
    expect(read.resolvedAt).not.toBeNull()
    expect(read.about).toEqual([...about, { kind: 'tool', id: 'pay' }])
    expect(read.timeline.map(({ note: text, changed }) => [text, changed.status ?? changed.severity])).toEqual([
      ['The bank says so.', 'open'],
      [null, 'acknowledged'],
      [null, 'critical'],
      [note, 'resolved'],
    ])
    const again = await operator.incidents.add(opened.id, { status: 'open', note: 'It pays twice again.' })
    expect(again).toMatchObject({ status: 'open', resolvedAt: null, acknowledgedAt: read.acknowledgedAt })

    const titles = async (filters: object) => (await viewer.incidents.list(filters)).data.map(({ title }) => title)
    await operator.incidents.open({ title: 'Slow', severity: 'low' })
    expect(await titles({})).toEqual(['Slow', 'Pays twice'])
    expect(await titles({ severity: 'low' })).toEqual(['Slow'])
    expect(await titles({ about: 'pay' })).toEqual(['Pays twice'])
    expect(await titles({ about: 'run_8' })).toEqual([])
    expect(await titles({ status: 'resolved' })).toEqual([])
    const first = await viewer.incidents.list({ limit: 1 })
    expect((await viewer.incidents.list({ cursor: first.nextCursor ?? '' })).data.map(({ title }) => title)).toEqual([
      'Pays twice',
    ])

    const sent = (await admin.webhookDeliveries.list({ webhook: 'pager' })).data.map(({ type }) => type)
    expect(sent).toEqual(['incident-opened', 'incident-resolved', 'incident-opened'])
    const audited = (await admin.audit.list({ subject: opened.id })).data.map(({ action }) => action)
    expect(audited.toReversed()).toEqual(['incident.opened', ...Array<string>(4).fill('incident.changed')])
  })
})
