import { agent } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

type Message = Record<string, unknown>

/** A model that looks eight orders up, sums up when it is told to, and answers; it keeps what it was sent. */
function scripted() {
  const requests: { messages: Message[]; tools: number }[] = []
  return {
    requests,
    model: {
      respond: ({ messages, tools }: { messages: readonly Message[]; tools?: readonly unknown[] }) => {
        requests.push({ messages: [...messages], tools: tools?.length ?? 0 })
        if (isCompaction(messages))
          return { text: 'The user wants order 1042 watched [2]. Order 0 is packing [5]. [99999]' }
        const looked = requests.filter(({ messages: sent }) => !isCompaction(sent)).length
        return looked <= 8 ? calls('lookup', String(looked)) : { text: `Done after ${looked} steps.` }
      },
    },
  }
}
const isCompaction = (messages: readonly Message[]): boolean =>
  JSON.stringify(messages[0]).includes('Sum up the conversation')
const textOf = (messages: readonly Message[]): string => JSON.stringify(messages)

const start = (model: ReturnType<typeof scripted>['model'], length = 3_000) =>
  startScriptedWorld({
    kind: anyKind,
    model,
    tools: { lookup: ({ order }) => ({ order, text: `${String(order)} `.repeat(length / 2) }) },
    limits: { steps: 40 },
  })

describe('a conversation that grows', () => {
  test('is kept within what its agent allows: old results are cut, then what is old is summed up with where it stands [D7.context, D7.compaction]', async () => {
    const { model, requests } = scripted()
    await using world = await start(model)
    const { admin } = world.causeway
    await world.causeway.apply(
      agent({
        name: 'clerk',
        instructions: 'Help with orders.',
        model: 'clerk',
        tools: ['lookup'],
        limits: { steps: 40 },
        context: { tokens: 2_000 },
      }),
    )
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Watch order 1042, please.' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'Done after 9 steps.' })
    const events = await admin.runs.events(run.id)
    const compactions = events.flatMap(event => (event.type === 'context-compacted' ? [event] : []))
    expect(compactions.length).toBeGreaterThan(0)
    for (const { sequence, data } of compactions) {
      expect(data.through).toBeLessThan(sequence)
      expect(data.cited).toEqual([2, 5])
    }
    // Each call counts, those that sum up too.
    expect(run.spent.steps).toBe(9 + compactions.length)
    expect(requests).toHaveLength(9 + compactions.length)

    const asked = requests.filter(({ messages }) => !isCompaction(messages))
    // The two last results stay whole: each of them is about 750 tokens.
    for (const { messages } of asked) expect(textOf(messages).length / 4).toBeLessThan(2_000 + 1_600)
    // What the user asks for stays word for word, however much was summed up.
    for (const { messages } of asked) expect(textOf(messages)).toContain('Watch order 1042, please.')
    expect(textOf(asked.at(-1)?.messages ?? [])).toContain('Order 0 is packing [5]')
    expect(requests.filter(({ messages }) => isCompaction(messages)).every(({ tools }) => tools === 0)).toBe(true)

    // What was sent at a step can be seen afterwards, exactly.
    const last = await admin.runs.context(run.id, { step: run.spent.steps })
    const sent = asked.at(-1)?.messages ?? []
    expect(last.messages.map(({ role }) => role)).toEqual(sent.slice(1).map(({ role }) => role))
    expect(last.messages.map(({ text }) => text).filter(Boolean)).toEqual(
      sent.slice(1).flatMap(({ content }) => (content ? [content] : [])),
    )
    expect(last).toMatchObject({ instructions: 'Help with orders.', tools: ['lookup'] })
    const { step } = compactions[0]?.data ?? { step: 0 }
    await expect(admin.runs.context(run.id, { step })).rejects.toThrow(/summed up: see event/)
    await expect(admin.runs.context(run.id, { step: 99 })).rejects.toMatchObject({ code: 'not-found' })

    // The next run of the session goes on from the summary.
    await admin.runs.createAndWait({ agent: 'clerk', sessionId: run.sessionId, input: 'And now?' })
    const next = requests.findLast(({ messages }) => !isCompaction(messages))?.messages ?? []
    expect(textOf(next)).toContain('And now?')
    expect(textOf(next)).toContain('What was said before, summed up')
  })

  test('that began elsewhere is summed up with what was said there [D7.compaction]', async () => {
    const { model, requests } = scripted()
    await using world = await start(model)
    const short = { name: 'clerk', instructions: 'Help.', model: 'clerk', tools: ['lookup'], limits: { steps: 40 } }
    await world.causeway.apply(agent({ ...short, context: { tokens: 2_000 } }))
    await world.causeway.admin.runs.createAndWait({
      agent: 'clerk',
      history: [
        { role: 'user', text: 'My name is Zora.' },
        { role: 'assistant', text: 'Hello, Zora.' },
      ],
      input: 'Go on.',
    })
    const summed = requests.find(({ messages }) => isCompaction(messages))?.messages ?? []
    expect(textOf(summed)).toContain('The user: My name is Zora.')
    expect(textOf(summed)).toContain('The assistant: Hello, Zora.')
  })

  test('is sent whole where the agent does not say how long it may be [D7.context]', async () => {
    const { model, requests } = scripted()
    await using world = await start(model)
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Go.' })
    expect(run).toMatchObject({ status: 'succeeded', spent: { steps: 9 } })
    expect(requests.at(-1)?.messages).toHaveLength(2 + 8 * 2)
  })
})
