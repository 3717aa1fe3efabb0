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

  test('can be given for other arguments: these are sent, and the model is told [A5.approval-edits]', async () => {
    await using world = await start()
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay order 1042' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    const id = approval?.id ?? ''
    await expect(admin.approvals.decide(id, { outcome: 'approve', arguments: { amount: 3 } })).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('order'),
    })
    await expect(admin.approvals.decide(id, { outcome: 'deny', arguments: { order: '7' } })).rejects.toThrow('denied')
    const decided = await admin.approvals.decide(id, { outcome: 'approve', arguments: { order: '7' } })
    expect(decided).toMatchObject({ arguments: { order: '1042' }, edited: { arguments: { order: '7' } } })
    expect(decided.edited?.binding).not.toBe(decided.binding)
    for await (const item of admin.runs.follow(run.id))
      if (item.type === 'run-ended') expect(item.data.status).toBe('succeeded')
    expect(world.world.calls.map(call => call.arguments)).toEqual([{ order: '7' }])
    expect(JSON.stringify(world.model.requests.at(-1)?.messages.at(-1))).toContain('A person has changed the arguments')
    const entries = (await admin.audit.list({ action: 'approval.approved' })).data
    expect(entries[0]?.detail).toMatchObject({ editedTo: decided.edited?.binding })
  })

  test('is shown beside the call that was approved last, and several are decided at once [A5.approval-batches]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) =>
          messages.at(-1)?.role === 'user' ? calls('pay', String(messages.length)) : { text: 'Paid.' },
      },
      tools: { pay: () => ({ paid: true }) },
      governance: { pay: { effect: 'irreversible', risk: 4 } },
    })
    const { admin } = world.causeway
    const runs = await Promise.all(
      ['one', 'two', 'three'].map(input => admin.runs.createAndWait({ agent: 'clerk', input })),
    )
    const ids = (await admin.approvals.list({ status: 'pending' })).data.map(({ id }) => id)
    expect(await admin.approvals.get(ids[0] ?? '')).toMatchObject({ previous: null })
    await admin.approvals.decide(ids[0] ?? '', { outcome: 'approve' })
    expect(await admin.approvals.get(ids[1] ?? '')).toMatchObject({
      previous: { id: ids[0], decidedBy: expect.any(String) },
    })
    const { data } = await admin.approvals.decideSeveral({ ids: [...ids, 'approval_none'], outcome: 'approve' })
    expect(data.map(({ approval, error }) => approval?.status ?? error?.code)).toEqual([
      'already-decided',
      'approved',
      'approved',
      'not-found',
    ])
    for (const { id } of runs) await admin.runs.wait(id)
    expect(world.world.effects('pay')).toBe(3)
  })

  test('is given at a signed address by a person without an account, who sees what is asked [A5.approval-links]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { turns: [calls('pay', '<script>alert(1)</script>'), { text: 'Paid.' }] },
      tools: { pay: () => ({ paid: true }) },
      governance: { pay: { effect: 'irreversible', risk: 4 } },
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    const { url } = await admin.approvals.link(approval?.id ?? '', { person: 'kim@harbour.example' })

    const page = await fetch(url)
    const html = await page.text()
    expect([page.status, page.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(html).toContain('clerk asks to call pay')
    expect(html).not.toContain('<script')
    // To look is not to decide.
    expect(await admin.approvals.get(approval?.id ?? '')).toMatchObject({ status: 'pending' })
    const dead = await fetch(`${url.slice(0, -2)}xx`)
    expect([dead.status, dead.headers.get('content-type')]).toEqual([404, 'text/html; charset=utf-8'])
    expect(await dead.text()).toContain('There is nothing to decide here')
    expect((await fetch(url, { method: 'POST', body: new URLSearchParams({ outcome: 'maybe' }) })).status).toBe(400)

    const answer = () =>
      fetch(url, { method: 'POST', body: new URLSearchParams({ outcome: 'approve', comment: 'Fine <b>by me' }) })
    const given = await answer()
    expect([given.status, await given.text()]).toEqual([
      200,
      expect.stringContaining('approved by kim@harbour.example'),
    ])
    expect((await answer()).status).toBe(409)
    expect(await admin.runs.wait(run.id)).toMatchObject({ status: 'succeeded' })
    expect(await admin.approvals.get(approval?.id ?? '')).toMatchObject({
      status: 'approved',
      decidedBy: expect.stringMatching(/^kim@harbour\.example \(by a link of .+\)$/),
      comment: 'Fine <b>by me',
    })
    expect(world.world.effects('pay')).toBe(1)
  })

  test('is handed on to somebody, and people leave notes that no model is told [A5.delegation, A5.notes]', async () => {
    await using world = await start()
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay order 1042' })
    const [approval] = (await admin.approvals.list({ runId: run.id })).data
    const id = approval?.id ?? ''
    await admin.approvals.delegate(id, { to: 'user:ada', comment: 'She knows the order.' })
    expect((await admin.approvals.list({ assignedTo: 'user:ada' })).data).toMatchObject([
      { id, assignedTo: 'user:ada' },
    ])
    expect((await admin.approvals.list({ assignedTo: 'user:kim' })).data).toEqual([])
    const { url, adminKey } = world.causeway
    const figures = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } })).text()
    for (const figure of ['causeway_approvals_pending 1', 'causeway_runs_queued 0', 'causeway_tool_reviews_overdue 0'])
      expect(figures).toContain(figure)
    await admin.runs.note(run.id, 'Called the customer.')
    await admin.approvals.decide(id, { outcome: 'approve' })
    await admin.runs.wait(run.id)
    const events = await admin.runs.events(run.id)
    expect(events.find(({ type }) => type === 'approval-delegated')?.data).toMatchObject({
      to: 'user:ada',
      approvalId: id,
    })
    expect(events.find(({ type }) => type === 'note-added')?.data).toMatchObject({ text: 'Called the customer.' })
    expect(JSON.stringify(world.model.requests)).not.toContain('Called the customer.')
    await expect(admin.runs.note(run.id, 'Too late.')).rejects.toMatchObject({ code: 'conflict' })
    await expect(admin.approvals.delegate(id, { to: 'user:ada' })).rejects.toMatchObject({ code: 'already-decided' })
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

  test('does not cover another version of the tool: the question is put again [A5.approval-bound]', async () => {
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
