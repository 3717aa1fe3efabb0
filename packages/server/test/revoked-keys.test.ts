import { hasEnded } from '@causeway/contracts'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('runs of a key on %s', kind => {
  const start = () =>
    startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) =>
          JSON.stringify(messages).includes('pay')
            ? calls('pay')
            : messages.length < 150
              ? calls('step', String(messages.length))
              : { text: 'Done.' },
      },
      limits: { steps: 200, toolCalls: 200 },
      tools: { step: () => ({ done: true }), pay: () => ({ paid: true }) },
      faults: { step: Array.from({ length: 500 }, () => ({ delayMs: 50 })) },
      governance: { pay: { effect: 'irreversible', risk: 4 } },
    })

  test('end within a second after it was revoked and take no further step, and those of others go on [H2.keys-revoked]', async () => {
    await using world = await start()
    const { admin, clientOf } = world.causeway
    const mine = await clientOf('admin')
    const other = await clientOf('admin')
    const run = await mine.runs.create({ agent: 'clerk', input: 'go' })
    const going = await other.runs.create({ agent: 'clerk', input: 'go' })
    await expect.poll(() => world.world.calls.length, { timeout: 10_000 }).toBeGreaterThan(6)
    await admin.apiKeys.revoke(mine.id)
    await expect.poll(async () => (await admin.runs.get(run.id)).status, { timeout: 1000 }).toBe('cancelled')
    expect(await admin.runs.get(run.id)).toMatchObject({
      reason: 'key-revoked',
      message: 'The API key that started the run was revoked.',
    })
    const events = await admin.runs.events(run.id)
    expect(events.at(-1)).toMatchObject({ type: 'run-ended', data: { reason: 'key-revoked' } })
    await sleep(500)
    expect(await admin.runs.events(run.id)).toHaveLength(events.length)
    expect(hasEnded((await admin.runs.get(going.id)).status)).toBe(false)
    await admin.runs.cancel(going.id)
  })

  test('do nothing either that a person allows afterwards; a key that is merely over has let them begin [H2.keys-revoked, H2.keys-expire]', async () => {
    await using world = await start()
    const { admin, clientOf } = world.causeway
    const mine = await clientOf('admin')
    const expiring = await clientOf('admin', { expiresInSeconds: 2 })
    const [run, kept] = await Promise.all([
      mine.runs.create({ agent: 'clerk', input: 'pay' }),
      expiring.runs.create({ agent: 'clerk', input: 'pay' }),
    ])
    await expect
      .poll(async () => (await admin.approvals.list({ status: 'pending' })).data.length, { timeout: 10_000 })
      .toBe(2)
    await admin.apiKeys.revoke(mine.id)
    await sleep(2000)
    for (const { id } of (await admin.approvals.list({ status: 'pending' })).data)
      await admin.approvals.decide(id, { outcome: 'approve' })
    await expect.poll(async () => (await admin.runs.get(run.id)).reason, { timeout: 10_000 }).toBe('key-revoked')
    await expect.poll(() => world.world.calls.length, { timeout: 10_000 }).toBe(1)
    expect((await admin.runs.events(kept.id)).some(({ type }) => type === 'tool-responded')).toBe(true)
    await admin.runs.cancel(kept.id)
  })
})
