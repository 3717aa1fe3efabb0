import { Manifest } from '@causeway/contracts'
import { createClient } from '@causeway/sdk'
import type { ScriptedTurn } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld, worldTool } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('an approval on %s', kind => {
  const start = (turns: ScriptedTurn[] = [calls('pay'), { text: 'Paid.' }]) =>
    startScriptedWorld({
      kind,
      model: { turns },
      tools: { pay: () => ({ paid: true }) },
      governance: { pay: { effect: 'irreversible', risk: 4 } },
    })

  test('lets the run wait, and the granted call is carried out once [A5.approval-granted, A1.resume, A5.approval-final]', async () => {
    await using world = await start()
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay order 1042' })
    expect(run.status).toBe('waiting')
    expect(world.world.calls).toEqual([])
    const [approval] = (await admin.approvals.list({ status: 'pending' })).data
    expect(approval).toMatchObject({ runId: run.id, tool: 'pay', arguments: { order: '1042' }, status: 'pending' })
    const reviewer = await world.causeway.clientOf('reviewer')
    const decisions = await Promise.allSettled(
      Array.from({ length: 5 }, () =>
        reviewer.approvals.decide(approval?.id ?? '', { outcome: 'approve', comment: 'fine' }),
      ),
    )
    expect(decisions.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for await (const item of admin.runs.follow(run.id))
      if (item.type === 'run-ended') expect(item.data).toMatchObject({ status: 'succeeded', output: 'Paid.' })
    expect(world.world.effects('pay')).toBe(1)
    expect(world.world.calls).toHaveLength(1)
    expect(await admin.approvals.get(approval?.id ?? '')).toMatchObject({
      status: 'approved',
      decidedBy: 'key:reviewer-1',
      comment: 'fine',
    })
  })

  test('that is denied keeps the call from the tool, and the model is told why [A5.approval-denied]', async () => {
    await using world = await start([calls('pay'), { text: 'I may not.' }])
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'deny', comment: 'not today' })
    for await (const item of admin.runs.follow(run.id))
      if (item.type === 'run-ended') expect(item.data.output).toBe('I may not.')
    expect(world.world.calls).toEqual([])
    expect(JSON.stringify(world.model.requests.at(-1)?.messages.at(-1))).toContain('not today')
  })

  test('of two calls at once resumes the run when both are decided', async () => {
    await using world = await start([
      {
        toolCalls: [
          { name: 'pay', arguments: { order: '1' } },
          { name: 'pay', arguments: { order: '2' } },
        ],
      },
      { text: 'done' },
    ])
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay both' })
    const { data } = await admin.approvals.list({ runId: run.id })
    expect(data).toHaveLength(2)
    await Promise.all(
      data.map(({ id }, index) => admin.approvals.decide(id, { outcome: index === 0 ? 'approve' : 'deny' })),
    )
    for await (const item of admin.runs.follow(run.id))
      if (item.type === 'run-ended') expect(item.data.status).toBe('succeeded')
    expect(world.world.calls).toHaveLength(1)
  })

  test('does not cover another version of the tool: the question is put again', async () => {
    await using world = await start()
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    await world.causeway.apply(
      worldTool(world.world, 'pay', { effect: 'irreversible', risk: 4, description: 'Pays twice' }),
    )
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    let again = ''
    for await (const item of admin.runs.follow(run.id)) {
      if (item.type === 'approval-requested') again = item.data.approvalId
      if (again !== '' && again !== approval?.id) break
    }
    expect(again).not.toBe(approval?.id)
    expect(world.world.calls).toEqual([])
  })

  test('policies deny, ask and fail closed; what they say is in the log [B7.policy, B7.least-privilege, E3.policy-as-code, E3.fail-closed]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('lookup'), { text: 'no luck' }] },
      cedar: '@id("no-lookups") forbid (principal, action == Action::"call-tool", resource == Tool::"lookup");',
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run.output).toBe('no luck')
    expect(world.world.calls).toEqual([])
    const denied = (await admin.runs.events(run.id)).find(({ type }) => type === 'tool-denied')
    expect(denied).toMatchObject({
      data: { decision: { answer: 'deny', reasons: [{ source: 'policy', id: 'house/no-lookups' }] } },
    })
    await expect(
      world.causeway.apply({
        kind: 'Policy',
        name: 'house',
        spec: { cedar: 'permit (principal, action == Action::"fly", resource);' },
      }),
    ).rejects.toMatchObject({ code: 'invalid-manifest' })
    const audit = await admin.audit.list({ action: 'tool.deny' })
    expect(audit.data).toHaveLength(1)
  })

  test('outside of dev is given by somebody else than who started the run, who may deny it [A5.four-eyes]', async () => {
    await using world = await start()
    const second = await world.causeway.clientOf('reviewer')
    const [author, reviewer] = [
      await world.causeway.clientOf('operator', { environment: 'stage' }),
      await world.causeway.clientOf('reviewer', { environment: 'stage' }),
    ]
    const { data } = await world.causeway.admin.manifests.list()
    const toStage = createClient({
      baseUrl: world.causeway.url,
      apiKey: world.causeway.adminKey,
      environment: 'stage',
    })
    const manifests = data.map(({ kind: of, name, spec }) => Manifest.parse({ kind: of, name, spec }))
    for (const manifest of manifests.filter(each => each.kind === 'Tool')) {
      const { id } = await world.causeway.admin.toolReviews.submit({ manifest })
      await reviewer.toolReviews.act(id, { action: 'approve' })
      await second.toolReviews.act(id, { action: 'approve' })
    }
    await toStage.manifests.apply({ manifests })
    await author.runs.createAndWait({ agent: 'clerk', input: 'pay' })
    const [approval] = (await author.approvals.list({ status: 'pending' })).data
    await expect(author.approvals.decide(approval?.id ?? '', { outcome: 'approve' })).rejects.toMatchObject({
      code: 'own-request',
    })
    expect(await reviewer.approvals.decide(approval?.id ?? '', { outcome: 'approve' })).toMatchObject({
      status: 'approved',
    })
    await expect.poll(() => world.world.effects('pay'), { timeout: 10_000 }).toBe(1)
  })
})
