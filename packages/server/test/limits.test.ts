import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

/** A model that calls the tool for ever, at 1000 tokens a call. */
const endless = {
  respond: (_request: unknown, index: number) => ({
    ...calls('lookup', String(index)),
    usage: { inputTokens: 900, outputTokens: 100 },
  }),
}

describe.each(databaseKinds)('a limit on %s', kind => {
  test.each([
    ['steps [A2.limit-steps]', { steps: 3 }, 'limit-steps', 'steps'],
    ['tool calls [A2.limit-tool-calls]', { toolCalls: 2 }, 'limit-tool-calls', 'toolCalls'],
    ['tokens [A2.limit-tokens, C4.reserve-before-call]', { tokens: 8000 }, 'limit-tokens', 'tokens'],
    ['time [A2.limit-time]', { seconds: 1 }, 'limit-seconds', 'seconds'],
  ] as const)('of %s ends the run and says what was spent', async (_title, limits, reason, limit) => {
    await using world = await startScriptedWorld({
      kind,
      model: endless,
      tools: { lookup: () => new Promise(resolve => setTimeout(() => resolve({ ok: true }), 100)) },
      limits: { ...limits, ...(limit !== 'steps' && { steps: 100 }) },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run).toMatchObject({ status: 'limited', reason, limit })
    const ended = (await world.causeway.admin.runs.events(run.id)).at(-1)
    expect(ended).toMatchObject({ type: 'run-ended', data: { limit, spent: { steps: run.spent.steps } } })
    expect(run.spent.steps).toBeLessThanOrEqual(run.limits.steps)
    expect(run.spent.toolCalls).toBeLessThanOrEqual(run.limits.toolCalls)
    expect(run.spent.inputTokens + run.spent.outputTokens).toBeLessThanOrEqual(run.limits.tokens)
    expect(world.world.calls.length).toBeLessThanOrEqual(run.limits.toolCalls)
  })

  test('that nobody set: a run that makes no progress is ended with the evidence, and the figures tell how many calls one request took [A2.loop-detection, G3.amplification]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: () => calls('lookup') },
      limits: { steps: 100 },
    })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run).toMatchObject({ status: 'limited', reason: 'no-progress', spent: { toolCalls: 15 } })
    expect(run.message).toBe(
      'lookup was called 15 times with {"order":"1042"} and always answered {"order":"1042","status":"packing"}.',
    )
    const { url, adminKey } = world.causeway
    const figures = await (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } })).text()
    expect(figures).toContain('causeway_run_tool_calls_sum{agent="clerk"} 15')
    expect(figures).toContain('causeway_run_tool_calls_count{agent="clerk"} 1')
  })

  test('of money ends the run before the call that would go over it [A2.limit-cost, A6.budget-out, C7.nano-usd-cost]', async () => {
    // A list price is known for this provider's address only, so the route must name it; nothing is sent there.
    await using world = await startScriptedWorld({ kind, model: endless })
    const { admin } = world.causeway
    await world.causeway.apply({
      kind: 'Provider',
      name: 'scripted',
      spec: { type: 'openai-compatible', baseUrl: 'https://api.openai.com/v1' },
    })
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'go', limits: { costUsd: 0.000001 } })
    expect(run).toMatchObject({
      status: 'limited',
      reason: 'limit-cost-usd',
      limit: 'costUsd',
      spent: { steps: 0, nanoUsd: 0 },
    })
    expect(world.model.requests).toEqual([])
  })

  test('in a request can only tighten those of the agent', async () => {
    await using world = await startScriptedWorld({ kind, model: endless, limits: { steps: 2 } })
    const run = await world.causeway.admin.runs.createAndWait({ agent: 'clerk', input: 'go', limits: { steps: 50 } })
    expect(run).toMatchObject({ status: 'limited', limits: { steps: 2 }, spent: { steps: 2 } })
  })
})
