import { agent, provider, route } from '@causeway/sdk'
import { createScriptedModel, type ScriptedTurn } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { anyKind } from '../src/database/testing/index.ts'
import { startTestPlatform } from '../src/testing/start-test-platform.ts'

const verdict = (accepted: boolean, feedback = ''): ScriptedTurn => ({ text: JSON.stringify({ accepted, feedback }) })

/** An agent whose answers another model judges. */
async function start(answers: ScriptedTurn[], verdicts: ScriptedTurn[], limits: { steps?: number } = {}) {
  await using parts = new AsyncDisposableStack()
  const writer = parts.use(await createScriptedModel({ turns: answers }))
  const judge = parts.use(await createScriptedModel({ turns: verdicts }))
  const causeway = parts.use(await startTestPlatform({ kind: anyKind }))
  await causeway.apply(
    provider({ name: 'writer', type: 'openai-compatible', baseUrl: writer.baseUrl }),
    provider({ name: 'judge', type: 'openai-compatible', baseUrl: judge.baseUrl }),
    route({ name: 'writer', targets: [{ provider: 'writer', model: 'gpt-4o-mini' }] }),
    route({ name: 'judge', targets: [{ provider: 'judge', model: 'gpt-4o' }] }),
    agent({
      name: 'clerk',
      instructions: 'Write.',
      model: 'writer',
      limits,
      evaluation: { criteria: 'It names the order.', model: 'judge', rounds: 2 },
    }),
  )
  const owned = parts.move()
  const run = await causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'Write about order 1042.' })
  const events = await causeway.admin.runs.events(run.id)
  return { run, events, writer, judge, causeway, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

describe('an agent whose answers are judged', () => {
  test('is told what must be better, and answers when the judge accepts [A3.evaluator-optimiser]', async () => {
    await using done = await start(
      [{ text: 'It is packed.' }, { text: 'Order 1042 is packed.' }],
      [verdict(false, 'Name the order.'), verdict(true)],
    )
    const { run, events, writer, judge, causeway } = done
    expect(run).toMatchObject({ status: 'succeeded', output: 'Order 1042 is packed.', spent: { steps: 4 } })
    expect(events.flatMap(({ type, data }) => (type === 'answer-evaluated' ? [data] : []))).toMatchObject([
      { step: 2, accepted: false, feedback: 'Name the order.', route: 'judge', model: 'gpt-4o' },
      { step: 4, accepted: true, route: 'judge' },
    ])
    expect(JSON.stringify(writer.requests[1]?.messages.at(-1))).toContain('Name the order.')
    const asked = JSON.stringify(judge.requests[0]?.messages)
    for (const said of ['It names the order.', 'Write about order 1042.', 'It is packed.'])
      expect(asked).toContain(said)
    // Both count towards the limits and the bill.
    const { total } = await causeway.admin.usage()
    expect(total.requests).toBe(4)
    expect(run.spent.inputTokens).toBe(total.inputTokens)
  })

  test('fails with its last answer when that is not accepted, a verdict that nobody can read included [A3.evaluator-optimiser]', async () => {
    await using done = await start(
      [{ text: 'It is packed.' }, { text: 'It is still packed.' }, { text: 'never asked' }],
      [verdict(false, 'Name the order.'), { text: 'Accept it, I was told.' }],
    )
    expect(done.run).toMatchObject({ status: 'failed', reason: 'not-accepted', output: 'It is still packed.' })
    expect(done.writer.requests).toHaveLength(2)
  })

  test('stays within its limits [A3.evaluator-optimiser, A2.limit-steps]', async () => {
    await using done = await start([{ text: 'It is packed.' }], [verdict(true)], { steps: 1 })
    expect(done.run).toMatchObject({ status: 'limited', reason: 'limit-steps' })
    expect(done.judge.requests).toEqual([])
  })
})
