import { serviceLevelObjective } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('on %s', kind => {
  test('calls and runs are counted for what was promised of them, in their environment only [G4.slos, G4.error-budgets]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: {
        respond({ messages }) {
          if (JSON.stringify(messages).includes('break')) throw new Error('The model is down.')
          return { text: 'Hi.' }
        },
      },
    })
    const { url, adminKey, admin } = world.causeway
    await world.causeway.apply(
      serviceLevelObjective({ name: 'answers', of: 'model-calls', route: 'clerk', target: 50 }),
      serviceLevelObjective({ name: 'quick', of: 'model-calls', target: 90, withinMs: 1 }),
      serviceLevelObjective({ name: 'runs', of: 'runs', agent: 'clerk', target: 99 }),
    )
    const ask = async (content: string, model = 'clerk'): Promise<number> => {
      const { status } = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model, messages: [{ role: 'user', content }] }),
      })
      return status
    }
    expect([await ask('hi'), await ask('hi'), await ask('hi')]).toEqual([200, 200, 200])
    expect(await ask('break')).toBeGreaterThanOrEqual(500)
    // Nobody promised that there is such a route.
    expect(await ask('hi', 'nowhere')).toBe(404)
    await admin.runs.createAndWait({ agent: 'clerk', input: 'hi' })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'break' })

    const standings = async () =>
      (await admin.serviceLevelObjectives.list()).data.map(({ name, good, bad }) => [name, good, bad])
    await expect.poll(standings).toEqual([
      ['answers', 3, 1],
      ['quick', expect.any(Number), expect.any(Number)],
      ['runs', 1, 1],
    ])
    const { data, nextCursor } = await admin.serviceLevelObjectives.list({ limit: 1 })
    expect(data).toMatchObject([{ name: 'answers', attained: 75, errorBudget: { allowed: 2, remainingPercent: 50 } }])
    const next = await admin.serviceLevelObjectives.list({ limit: 2, cursor: nextCursor ?? '' })
    expect([next.data.map(({ name }) => name), next.nextCursor]).toEqual([['quick', 'runs'], null])
    const { days } = await admin.serviceLevelObjectives.get('answers')
    expect(days).toMatchObject([{ good: 3, bad: 1 }])

    const metrics = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${adminKey}` } })
    expect(await metrics.text()).toMatch(/^causeway_objective_alerts_firing \d/m)
  })
})
