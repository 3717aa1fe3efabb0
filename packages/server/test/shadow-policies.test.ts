import { policy } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('a policy in shadow on %s', kind => {
  test('decides nothing; what would come of calls is in the log and in the report, and put in force it decides [E3.policy-shadow]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('lookup') : { text: 'Done.' }) },
    })
    const { admin } = world.causeway
    const house = (mode: 'enforce' | 'shadow') =>
      policy({
        name: 'house',
        mode,
        cedar: '@id("no-lookups") forbid (principal, action == Action::"call-tool", resource == Tool::"lookup");',
      })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    await world.causeway.apply(house('shadow'))
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    expect(world.world.calls).toHaveLength(3)
    const called = (await admin.runs.events(run.id)).find(({ type }) => type === 'tool-called')
    expect(called).toMatchObject({
      data: { decision: { answer: 'allow', shadow: { answer: 'deny', reasons: [{ id: 'house/no-lookups' }] } } },
    })
    const impact = await admin.policies.impact()
    expect(impact).toMatchObject({
      decisions: 3,
      data: [
        { tool: 'lookup', agent: 'clerk', answer: 'allow', would: 'deny', reasons: ['house/no-lookups'], calls: 2 },
      ],
    })
    const stage = await world.causeway.clientOf('reviewer', { environment: 'stage' })
    expect(await stage.policies.impact()).toMatchObject({ decisions: 0, data: [] })

    await world.causeway.apply(house('enforce'))
    await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
    expect(world.world.calls).toHaveLength(3)
  })
})
