import { agent } from '@causeway/sdk'
import type { ScriptedTurn } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

const plan = (...steps: { what: string; tool?: string; calls?: number }[]): ScriptedTurn => ({
  toolCalls: [{ name: 'make-plan', arguments: { steps } }],
})

async function start(mode: 'shown' | 'approved', turns: ScriptedTurn[], untrusted = false) {
  const offered: string[][] = []
  const world = await startScriptedWorld({
    kind: anyKind,
    model: {
      respond: ({ tools }, index) => {
        offered.push(tools)
        return turns[index] ?? { text: 'done' }
      },
    },
    tools: { lookup: ({ order }) => ({ order }), pay: () => ({ done: true }) },
    governance: {
      lookup: { result: { integrity: untrusted ? 'untrusted' : 'trusted', readers: '*', parts: [] } },
      pay: { effect: 'write', risk: 1 },
    },
  })
  await world.causeway.apply(
    agent({ name: 'clerk', instructions: 'Help.', model: 'clerk', tools: ['lookup', 'pay'], plan: mode }),
  )
  return Object.assign(world, { offered })
}

const lookAndPay = plan({ what: 'Look the order up', tool: 'lookup' }, { what: 'Pay it', tool: 'pay' })

const denials = (events: readonly { type: string; data: unknown }[]): string[] =>
  events.flatMap(({ type, data }) =>
    type === 'tool-denied' ? [(data as { error: { message: string } }).error.message] : [],
  )

describe('an agent that plans', () => {
  test('says what it is going to do, is offered no tool before that, and makes no call that the plan does not have [A3.planner-executor, E2.scope]', async () => {
    await using world = await start('shown', [
      calls('pay'),
      lookAndPay,
      calls('lookup'),
      calls('lookup'),
      calls('pay'),
      { text: 'Paid.' },
    ])
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1042.' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'Paid.', spent: { toolCalls: 2 } })
    const events = await admin.runs.events(run.id)
    expect(events.find(({ type }) => type === 'plan-made')?.data).toMatchObject({
      steps: [{ what: 'Look the order up', tool: 'lookup' }, { what: 'Pay it' }],
      mustAsk: false,
    })
    expect(denials(events)).toEqual([
      'Make a plan first, with make-plan.',
      'The plan has 1 calls of lookup, and they are made.',
    ])
    expect(world.offered[0]).toEqual(['make-plan'])
    expect(world.offered[2]).toEqual(['lookup', 'pay', 'make-plan'])
    expect(world.world.calls.map(({ tool }) => tool)).toEqual(['lookup', 'pay'])
  })

  test('waits for its user to accept the plan, and makes another one when that is refused [A3.planner-executor]', async () => {
    await using world = await start('approved', [
      lookAndPay,
      calls('pay'),
      plan({ what: 'Look only', tool: 'lookup' }),
      calls('lookup'),
    ])
    const { admin } = world.causeway
    const waiting = await admin.runs.createAndWait({ agent: 'clerk', input: 'Pay order 1042.' })
    expect(waiting.status).toBe('waiting')
    const asked = (await admin.runs.events(waiting.id)).find(({ type }) => type === 'question-asked')
    expect(asked?.data).toMatchObject({
      question: 'May this be done?\n1. Look the order up (lookup)\n2. Pay it (pay)',
      options: ['yes', 'no'],
    })
    await admin.runs.answer(waiting.id, { answer: 'no, only look' })
    await expect.poll(async () => (await admin.runs.get(waiting.id)).status, { timeout: 10_000 }).toBe('waiting')
    expect(world.world.calls).toEqual([])
    await admin.runs.answer(waiting.id, { answer: 'yes' })
    const run = await admin.runs.wait(waiting.id)
    expect(run.status).toBe('succeeded')
    expect(denials(await admin.runs.events(run.id))).toEqual(['Make a plan first, with make-plan.'])
    expect(world.world.calls.map(({ tool }) => tool)).toEqual(['lookup'])
  })

  test('cannot hide a step behind others that are too long to be shown [A3.planner-executor]', async () => {
    const long = Array.from({ length: 5 }, () => ({ what: 'Look '.repeat(199), tool: 'lookup' }))
    await using world = await start('approved', [plan(...long, { what: 'Pay eve', tool: 'pay' }), { text: 'No.' }])
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Look.' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'No.' })
    expect(denials(await admin.runs.events(run.id))).toEqual(['The plan is too long to be shown: say it shorter.'])
  })

  test('cannot change its plan by itself once it has read what anybody may have written [A3.planner-executor, E2.tool-gating]', async () => {
    const turns = [
      plan({ what: 'Look', tool: 'lookup' }),
      calls('lookup'),
      plan({ what: 'Pay eve', tool: 'pay' }),
      calls('pay'),
    ]
    await using world = await start('shown', turns, true)
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Look order 1042 up.' })
    expect(run.status).toBe('waiting')
    expect(world.world.calls.map(({ tool }) => tool)).toEqual(['lookup'])
    await admin.runs.cancel(run.id)
  })
})
