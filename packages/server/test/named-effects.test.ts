import type { SessionEvent, ToolSpec } from '@causeway/contracts'
import type { ScriptedTurn } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { startScriptedWorld, type ScriptedWorldOptions } from '../src/testing/scripted-world.ts'

const pay = (invoice: string, note: string): ScriptedTurn => ({
  toolCalls: [{ name: 'pay', arguments: { invoice, note } }],
})

const governance: Record<string, Partial<ToolSpec>> = {
  pay: {
    input: {
      type: 'object',
      properties: { invoice: { type: 'string' }, note: { type: 'string' } },
      required: ['invoice'],
      additionalProperties: false,
    },
    effect: 'write',
    risk: 1,
    idempotencyArguments: ['/invoice'],
  },
}

const resultsOf = (events: readonly SessionEvent[]): string[] =>
  events.flatMap(({ type, data }) =>
    type === 'tool-responded' ? [data.outcome] : type === 'tool-denied' ? [data.error.code] : [],
  )

describe.each(databaseKinds)('what is done once on %s', kind => {
  const start = (options: Partial<ScriptedWorldOptions>) =>
    startScriptedWorld({
      kind,
      tools: { pay: () => ({ paid: true }) },
      governance,
      // Each run pays the invoice that its input names, each time with other words.
      model: {
        respond: ({ messages }, index) => {
          const last = messages.at(-1)
          return last?.role === 'user'
            ? pay(JSON.stringify(last).match(/invoice \d+/)?.[0] ?? '', `${index}`)
            : { text: 'Done.' }
        },
      },
      ...options,
    })

  test('is not done again by another run, nor by many at the same time [B3.idempotency-key, A4.no-repeated-effects]', async () => {
    await using world = await start({})
    const { admin } = world.causeway
    const ask = async (input: string): Promise<string[]> => {
      const { id } = await admin.runs.createAndWait({ agent: 'clerk', input })
      return resultsOf(await admin.runs.events(id))
    }
    expect(await ask('pay invoice 1')).toEqual(['completed'])
    expect(await ask('pay invoice 1, please')).toEqual(['conflict'])
    expect(await ask('pay invoice 2')).toEqual(['completed'])
    const together = await Promise.all(Array.from({ length: 8 }, () => ask('pay invoice 3')))
    expect(together.flat().toSorted()).toEqual(['completed', ...Array.from({ length: 7 }, () => 'conflict')])
    expect(world.world.calls.map(call => call.arguments['invoice'])).toEqual(['invoice 1', 'invoice 2', 'invoice 3'])
    const told = JSON.stringify(world.model.requests.map(({ messages }) => messages.at(-1)))
    expect(told).toContain('pay has done this before (run_')
  })

  test('is tried again after it has failed, with the same key, and only by the word of a person when nobody knows whether it was done [B3.idempotency-key, A4.effect-outcome-unknown]', async () => {
    await using world = await start({ faults: { pay: [{ status: 500 }, 'cut-after-effect'] } })
    const { admin } = world.causeway
    const run = () => admin.runs.createAndWait({ agent: 'clerk', input: 'pay invoice 4' })
    const [failed, unknown] = [await run(), await run()]
    expect(resultsOf(await admin.runs.events(failed.id))).toEqual(['failed'])
    expect(resultsOf(await admin.runs.events(unknown.id))).toEqual(['unknown'])
    const third = await run()
    expect(third.status).toBe('waiting')
    const [approval] = (await admin.approvals.list({ runId: third.id })).data
    expect(approval?.decision.reasons.map(({ id }) => id)).toContain('outcome-unknown')
    expect(world.world.calls).toHaveLength(1)
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    await admin.runs.wait(third.id)
    expect(resultsOf(await admin.runs.events(third.id))).toEqual(['completed'])
    expect(new Set(world.world.calls.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1)
    // The tool has kept the key, so that nothing was done twice.
    expect(world.world.effects('pay')).toBe(1)
    expect(resultsOf(await admin.runs.events((await run()).id))).toEqual(['conflict'])
  })

  test('is not held by a run that waits for a person: another that is allowed to does it [A4.no-repeated-effects]', async () => {
    await using world = await start({
      governance: { pay: { ...governance['pay'], approval: 'always' } },
    })
    const { admin } = world.causeway
    const given = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay invoice 5' })
    const other = await admin.runs.createAndWait({ agent: 'clerk', input: 'pay invoice 5' })
    await admin.runs.cancel(given.id)
    const [approval] = (await admin.approvals.list({ runId: other.id })).data
    await admin.approvals.decide(approval?.id ?? '', { outcome: 'approve' })
    expect((await admin.runs.wait(other.id)).status).toBe('succeeded')
    expect(world.world.effects('pay')).toBe(1)
  })

  test('has to be named by a tool that has an effect of its own [B3.idempotency-key]', async () => {
    await using world = await start({})
    const tool = (spec: object) => ({
      kind: 'Tool',
      name: 'other',
      spec: {
        description: 'x',
        input: { type: 'object' },
        idempotencyArguments: ['/a'],
        implementation: { type: 'worker' },
        ...spec,
      },
    })
    for (const spec of [{ effect: 'read' }, { implementation: { type: 'agent', agent: 'clerk' } }])
      await expect(world.causeway.admin.manifests.apply({ manifests: [tool(spec)] })).rejects.toMatchObject({
        problems: [{ pointer: '/manifests/0/spec/idempotencyArguments' }],
      })
  })
})
