import { provider, route } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

describe.each(databaseKinds)('going back on %s', kind => {
  test('a run is repeated without calling tools, and the first divergence is shown [A1.replay]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) => {
          const eager = JSON.stringify(messages[0]).includes('Refund')
          if (messages.at(-1)?.role === 'user') return calls('lookup')
          if (eager && messages.at(-1)?.['content'] !== 'not' && messages.length < 5) return calls('refund')
          return { text: 'It is packing.' }
        },
      },
      tools: { lookup: ({ order }) => ({ order, status: 'packing' }), refund: () => ({ done: true }) },
    })
    const { admin } = world.causeway
    const first = await admin.runs.createAndWait({ agent: 'clerk', input: 'Where is 1042?' })
    expect(world.world.calls).toHaveLength(1)

    const same = await admin.runs.wait((await admin.runs.replay(first.id)).id)
    expect(same).toMatchObject({ status: 'succeeded', output: 'It is packing.', replayOf: first.id })
    expect(await admin.runs.divergence(same.id)).toEqual({ original: first.id, replay: same.id, divergence: null })

    const other = await admin.runs.replay(first.id, { instructions: 'Refund whatever you find.' })
    await admin.runs.wait(other.id)
    expect((await admin.runs.divergence(other.id)).divergence).toMatchObject({
      step: 2,
      what: 'calls',
      original: [],
      replay: [{ tool: 'refund', arguments: { order: '1042' }, outcome: 'called' }],
    })
    const events = await admin.runs.events(other.id)
    expect(JSON.stringify(events)).toContain('refund was not called like this')
    // Nothing has happened but what happened the first time.
    expect(world.world.calls).toHaveLength(1)
    await expect(admin.runs.divergence(first.id)).rejects.toMatchObject({ code: 'not-found' })
  })

  test('a replay asks nobody, and says so where a person had said no [A1.replay]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('pay') : { text: 'Done.' }) },
      tools: { pay: () => ({ done: true }) },
      governance: { pay: { approval: 'always' } },
    })
    const { admin } = world.causeway
    const first = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    await expect(admin.runs.replay(first.id)).rejects.toMatchObject({ code: 'conflict' })
    const [approval] = (await admin.approvals.list({ status: 'pending' })).data
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'deny', comment: 'not today' })
    await admin.runs.wait(first.id)
    const replay = await admin.runs.wait((await admin.runs.replay(first.id)).id)
    expect(replay.status).toBe('succeeded')
    expect((await admin.runs.divergence(replay.id)).divergence).toBeNull()
    expect(JSON.stringify(await admin.runs.events(replay.id))).toContain('not today')
    expect((await admin.approvals.list({})).data).toHaveLength(1)
    expect(world.world.calls).toEqual([])
  })

  test('a call that a person has changed is answered as it was then, to what the model asks for [A1.replay, A5.approval-edits]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('pay') : { text: 'Done.' }) },
      tools: { pay: ({ order }) => ({ paid: order }) },
      governance: { pay: { approval: 'always' } },
    })
    const { admin } = world.causeway
    const first = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay 1042.' })
    const [approval] = (await admin.approvals.list({ status: 'pending' })).data
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve', arguments: { order: '7' } })
    await admin.runs.wait(first.id)
    const replay = await admin.runs.wait((await admin.runs.replay(first.id)).id)
    const answers = (await admin.runs.events(replay.id)).flatMap(({ type, data }) =>
      type === 'tool-responded' ? [data.output] : [],
    )
    expect([replay.status, answers]).toEqual(['succeeded', [{ paid: '7' }]])
    expect(world.world.calls).toHaveLength(1)
  })

  test('a session is taken elsewhere as one file, and repeated where its agent and tools have never been [A1.replay-elsewhere, E2.labels]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('lookup') : { text: 'It is packing.' }),
      },
      tools: { lookup: ({ order }) => ({ order, status: 'packing' }) },
      governance: { lookup: { result: { integrity: 'trusted', readers: '*', parts: [] } } },
    })
    const first = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Where is 1042?' })
    let file = ''
    for await (const text of world.causeway.admin.sessions.export(first.sessionId)) file += text

    await using elsewhere = await startTestPlatform({ kind })
    await elsewhere.apply(
      provider({ name: 'scripted', type: 'openai-compatible', baseUrl: world.model.baseUrl }),
      route({ name: 'clerk', targets: [{ provider: 'scripted', model: 'gpt-4o-mini' }] }),
    )
    const { admin } = elsewhere
    const imported = await admin.sessions.import(file)
    expect(imported).toMatchObject({ from: first.sessionId, runs: [{ from: first.id }] })
    const id = imported.runs[0]?.id ?? ''
    expect(id).not.toBe(first.id)
    expect(await admin.runs.get(id)).toMatchObject({
      status: 'succeeded',
      output: 'It is packing.',
      input: 'Where is 1042?',
    })
    const events = await admin.runs.events(id)
    expect(events.map(({ type }) => type)).toEqual(
      (await world.causeway.admin.runs.events(first.id)).map(({ type }) => type),
    )
    // Nobody here knows whom to trust, and nothing that it has cost is in the books.
    expect(events.find(({ type }) => type === 'tool-responded')?.data).not.toHaveProperty('label')
    expect((await admin.usage()).total.requests).toBe(0)
    expect((await admin.agents.list()).data).toEqual([])

    const replay = await admin.runs.wait((await admin.runs.replay(id)).id)
    expect(replay).toMatchObject({ status: 'succeeded', output: 'It is packing.' })
    expect(await admin.runs.divergence(replay.id)).toMatchObject({ divergence: null })
    expect(world.world.calls).toHaveLength(1)

    const lines = file.trim().split('\n')
    for (const [broken, why] of [
      ['', 'one session'],
      [lines.toSpliced(1, 1).join('\n'), 'not in the file'],
      [lines.toSpliced(3, 1).join('\n'), 'missing'],
      [file.replace('"instructions":"', '"instructions":"Obey. '), 'is not the version'],
      [`${file}{"kind":"event"}`, `Line ${lines.length + 1}`],
      [`${file}no JSON`, 'no JSON'],
    ] as const)
      await expect(admin.sessions.import(broken)).rejects.toThrow(why)
    const developer = await elsewhere.clientOf('viewer')
    await expect(developer.sessions.import(file)).rejects.toMatchObject({ code: 'missing-right' })
  })

  test('a session goes on from any event in a session of its own, with what was seen until then [A1.fork, E2.labels]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond: ({ messages }) =>
          messages.at(-1)?.['content'] === 'look' ? calls('lookup') : { text: `after ${messages.length}` },
      },
    })
    const { admin } = world.causeway
    const first = await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'and?', sessionId: first.sessionId })
    const events = await admin.runs.events(first.id)
    const at = (type: string): number => events.find(event => event.type === type)?.sequence ?? -1

    const whole = await admin.sessions.fork(first.sessionId, { after: at('run-ended') })
    expect(whole).toMatchObject({ forkedFrom: { sessionId: first.sessionId, after: at('run-ended') } })
    const next = await admin.runs.createAndWait({ agent: 'clerk', input: 'else?', sessionId: whole.id })
    // The system, the first conversation of four, and the new question.
    expect(next.output).toBe('after 6')

    // In the middle of a run: its open call is told as not made, and the label of nothing is there yet.
    const early = await admin.sessions.fork(first.sessionId, { after: at('model-responded') })
    const other = await admin.runs.createAndWait({ agent: 'clerk', input: 'else?', sessionId: early.id })
    expect(other.output).toBe('after 5')
    expect(JSON.stringify(world.model.requests.at(-1)?.messages)).toContain('not carried out')
    const contexts = async (sessionId: string) => {
      const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'look', sessionId })
      const called = (await admin.runs.events(run.id)).find(({ type }) => type === 'tool-called')
      return called?.type === 'tool-called' ? called.data.decision.context?.integrity : undefined
    }
    expect([await contexts(whole.id), await contexts(early.id)]).toEqual(['untrusted', 'trusted'])

    const untouched = await admin.sessions.get(first.sessionId)
    expect(untouched.forkedFrom).toBeNull()
    await expect(admin.sessions.fork(first.sessionId, { after: 1000 })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    await expect(
      admin.sessions.fork(first.sessionId, { after: 1, agentVersion: '0'.repeat(64) }),
    ).rejects.toMatchObject({ code: 'not-found' })
  })
})
