import { agent } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

type Messages = readonly Record<string, unknown>[]

/** Who a model is told that it is. */
const whoIs = (messages: Messages): string => /You are the (\w+)/.exec(JSON.stringify(messages[0]))?.[1] ?? ''
const lastRole = (messages: Messages): unknown => messages.at(-1)?.['role']
const handsTo = (name: string, reason?: string) => ({
  toolCalls: [{ name: 'hand-off', arguments: { agent: name, ...(reason && { reason }) } }],
})

async function start(respond: (messages: Messages, tools: string[]) => object) {
  const world = await startScriptedWorld({
    kind: anyKind,
    model: {
      respond: ({ messages, tools }) => respond(messages, tools),
    },
    tools: { lookup: ({ order }) => ({ order, paid: false }), pay: () => ({ done: true }) },
    governance: { pay: { effect: 'irreversible', risk: 2 } },
  })
  const one = (name: string, tools: string[], handoffs: string[]) =>
    agent({
      name,
      description: `the ${name}`,
      instructions: `You are the ${name}.`,
      model: 'clerk',
      tools,
      handoffs,
      limits: { steps: 40 },
    })
  await world.causeway.apply(one('desk', ['lookup'], ['cashier']), one('cashier', ['pay'], ['desk']))
  return world
}

describe('a conversation', () => {
  test('is handed over to another agent, with its tools, and stays with it in the next run [A3.hand-off]', async () => {
    const offered: Record<string, string[]> = {}
    await using world = await start((messages, tools) => {
      const who = whoIs(messages)
      offered[who] = tools
      if (who === 'desk')
        return lastRole(messages) === 'user' ? calls('lookup') : handsTo('cashier', 'The order 1042 is not paid.')
      const text = JSON.stringify(messages)
      if (!text.includes('Thanks')) return text.includes('done') ? { text: 'It is paid.' } : calls('pay')
      return { text: 'You are welcome, says the cashier.' }
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'desk', input: 'Pay order 1042, please.' })
    expect(run).toMatchObject({
      agent: 'desk',
      status: 'succeeded',
      output: 'It is paid.',
      spent: { steps: 4, toolCalls: 2 },
    })
    expect(offered).toEqual({ desk: ['lookup', 'hand-off'], cashier: ['pay', 'hand-off'] })
    expect(world.world.calls.map(({ tool }) => tool)).toEqual(['lookup', 'pay'])
    const events = await admin.runs.events(run.id)
    expect(events.find(({ type }) => type === 'handed-off')?.data).toMatchObject({ from: 'desk', agent: 'cashier' })
    // Who acts is who is decided on and recorded.
    const { data } = await admin.audit.list({ limit: 100 })
    const paid = data.find(({ action, subject }) => action === 'tool.allow' && subject === 'pay')
    expect(paid?.actor).toBe('agent:cashier')

    // What was sent can be seen for each of the two.
    expect(await admin.runs.context(run.id, { step: 1 })).toMatchObject({
      instructions: 'You are the desk.',
      tools: ['lookup', 'hand-off'],
    })
    expect(await admin.runs.context(run.id, { step: 3 })).toMatchObject({
      instructions: 'You are the cashier.',
      tools: ['pay', 'hand-off'],
    })

    const next = await admin.runs.createAndWait({ agent: 'desk', sessionId: run.sessionId, input: 'Thanks.' })
    expect(next.output).toBe('You are welcome, says the cashier.')
  })

  test('cannot be handed to whom the agent does not name, nor back and forth without end [A3.hand-off, A2.loop-detection]', async () => {
    await using world = await start(messages => {
      const denied = JSON.stringify(messages.at(-1)).match(/takes|at most/)?.[0]
      if (denied === 'at most') return { text: 'Nobody wants it.' }
      if (messages.length === 2) return handsTo('nobody')
      return handsTo(whoIs(messages) === 'desk' ? 'cashier' : 'desk')
    })
    const { admin } = world.causeway
    const run = await admin.runs.createAndWait({ agent: 'desk', input: 'Go.' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'Nobody wants it.' })
    const events = await admin.runs.events(run.id)
    expect(events.filter(({ type }) => type === 'handed-off')).toHaveLength(10)
    expect(events.flatMap(({ type, data }) => (type === 'tool-denied' ? [data.error.message] : []))).toEqual([
      'hand-off takes {"agent": …} with one of cashier.',
      'A run is handed over at most 10 times.',
    ])
  })
})
