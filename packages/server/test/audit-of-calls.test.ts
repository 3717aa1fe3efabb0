import type { AuditEntry, ToolSpec } from '@causeway/contracts'
import { policy } from '@causeway/sdk'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

const card = '4111 1111 1111 1111'

const governance: Record<string, Partial<ToolSpec>> = {
  pay: { effect: 'irreversible', risk: 4 },
  post: { effect: 'write', risk: 1 },
}

describe.each(databaseKinds)('the audit log on %s', kind => {
  test('has for each call who made it, which version with which arguments, what was decided and why, and what came of it [B6.call-audit]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('lookup'), calls('post'), calls('pay'), calls('list'), { text: 'Done.' }] },
      tools: { lookup: () => ({}), post: () => ({}), pay: () => ({ paid: true }), list: () => ({}) },
      faults: { lookup: [{ status: 500 }], post: ['cut-after-effect'] },
      governance,
    })
    const { admin, apply } = world.causeway
    await apply(
      policy({
        name: 'house',
        cedar: '@id("no-lists") forbid (principal, action == Action::"call-tool", resource == Tool::"list");',
      }),
    )
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    await admin.runs.wait(run.id)

    const ofRun = async (): Promise<AuditEntry[]> =>
      (await admin.audit.list({ limit: 200 })).data
        .filter(({ action, detail }) => action.startsWith('tool.') && detail['runId'] === run.id)
        .toReversed()
    const told = async () => (await ofRun()).map(({ action, subject }) => `${action} ${subject}`).toSorted()
    await expect
      .poll(told, { timeout: 5_000 })
      .toEqual([
        'tool.allow lookup',
        'tool.allow post',
        'tool.ask pay',
        'tool.completed pay',
        'tool.deny list',
        'tool.failed lookup',
        'tool.unknown post',
      ])
    const entries = await ofRun()
    const paid = entries.filter(({ subject }) => subject === 'pay')
    const version = (await admin.manifests.get('Tool', 'pay')).version
    const binding = createHash('sha256').update(`${run.id}\n${version}\n{"order":"1042"}`).digest('hex')
    expect(paid).toMatchObject([
      {
        actor: 'agent:clerk',
        environment: 'dev',
        detail: { version, binding, requestedBy: 'user:admin', reasons: expect.any(Array) },
      },
      { actor: 'agent:clerk', detail: { version, attempts: 1 } },
    ])
    expect(entries.find(({ action }) => action === 'tool.failed')?.detail).toMatchObject({ error: 'tool-failed' })
    expect(entries.find(({ action }) => action === 'tool.deny')?.detail).toMatchObject({ reasons: ['house/no-lists'] })
    // What was sent stands where it can be erased.
    // A hash, an id and a time may have the same digits by chance.
    const said = JSON.stringify(entries).replaceAll(/[\da-f]{64}|run_[\da-f-]{36}|\d{4}-\d\d-\d\dT[\d:.]+Z/g, '')
    expect(said).not.toMatch(/order|1042/)
    expect(await admin.audit.verify()).toMatchObject({ valid: true })
  })

  test('and the log of a run have arguments as the guardrails of the environment leave them [B6.redacted-arguments]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('post', `for card ${card}`), { text: 'Done.' }] },
      tools: { post: () => ({ posted: true }) },
      governance,
    })
    const { admin, apply } = world.causeway
    await apply({
      kind: 'Guardrail',
      name: 'no-cards',
      spec: { at: ['output'], action: 'redact', detectors: ['payment-card'] },
    })
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'post it' })
    expect(run.status).toBe('succeeded')
    const events = await admin.runs.events(run.id)
    expect(events.find(({ type }) => type === 'tool-called')?.data).toMatchObject({
      arguments: { order: 'for card [payment-card]' },
    })
    expect(JSON.stringify([events, (await admin.audit.list({ limit: 200 })).data])).not.toContain(card)
    expect(world.world.calls.map(call => call.arguments)).toEqual([{ order: 'for card [payment-card]' }])
  })
})
