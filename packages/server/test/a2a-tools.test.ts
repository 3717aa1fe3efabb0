import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventData, ManifestInput, SessionEvent, ToolSpec } from '@causeway/contracts'
import { createScriptedModel, type ScriptedModelOptions } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { anyKind, databaseKinds, type DatabaseKind } from '../src/database/testing/index.ts'
import { clerkManifests, startScriptedWorld, type ScriptedWorld } from '../src/testing/scripted-world.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start-test-platform.ts'

type A2a = Extract<ToolSpec['implementation'], { type: 'a2a' }>

const porter = (url: string, implementation: Partial<A2a> = {}): ManifestInput => ({
  kind: 'Tool',
  name: 'porter',
  spec: {
    description: 'An agent elsewhere that knows where things are.',
    input: { type: 'object', properties: { message: { type: 'string' } }, required: ['message'] },
    effect: 'read',
    risk: 1,
    implementation: {
      type: 'a2a',
      url: `${url}/v1/agents/clerk/a2a`,
      headers: { authorization: { secret: 'PORTER_KEY' } },
      everySeconds: 1,
      ...implementation,
    },
  },
})

const asks: ScriptedModelOptions = {
  respond: ({ messages }) =>
    messages.at(-1)?.role === 'user'
      ? { toolCalls: [{ name: 'porter', arguments: { message: 'Where is 1042?' } }] }
      : { text: 'I have asked.' },
}

interface TwoPlatforms extends AsyncDisposable {
  /** Where the agent is that is called. */
  there: ScriptedWorld
  here: TestPlatform
}

/** A platform whose agent is called, and one that calls it. */
async function twoPlatforms(
  kind: DatabaseKind,
  model: ScriptedModelOptions,
  implementation: Partial<A2a> = {},
): Promise<TwoPlatforms> {
  await using parts = new AsyncDisposableStack()
  const there = parts.use(await startScriptedWorld({ kind, model }))
  const asking = parts.use(await createScriptedModel(asks))
  const here = parts.use(
    await startTestPlatform({
      kind,
      environment: { CAUSEWAY_SECRET_PORTER_KEY: `Bearer ${there.causeway.adminKey}` },
    }),
  )
  await here.apply(...clerkManifests(asking, [porter(there.causeway.url, implementation)]))
  const owned = parts.move()
  return { there, here, [Symbol.asyncDispose]: () => owned.disposeAsync() }
}

const responded = (events: readonly SessionEvent[]): EventData<'tool-responded'>[] =>
  events.flatMap(({ type, data }) => (type === 'tool-responded' ? [data] : []))

async function ended({ admin }: TestPlatform, id: string) {
  for (const giveUpAt = Date.now() + 20_000; Date.now() < giveUpAt; await sleep(50)) {
    const run = await admin.runs.get(id)
    if (run.endedAt) return run
  }
  throw new Error('the run does not end')
}

describe.each(databaseKinds)('an agent elsewhere as a tool on %s', kind => {
  test('is asked over A2A, with its credentials and nobody else’s, and what it says is untrusted [I5.a2a, E2.labels]', async () => {
    await using both = await twoPlatforms(kind, { turns: [{ text: 'In hall 3.' }] })
    const { admin } = both.here
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'Find 1042.' })
    expect(run).toMatchObject({ status: 'succeeded', output: 'I have asked.' })
    const events = await admin.runs.events(run.id)
    expect(responded(events)).toMatchObject([
      {
        outcome: 'completed',
        output: { state: 'completed', text: 'In hall 3.' },
        label: { integrity: 'untrusted', origins: ['porter'] },
      },
    ])
    expect(JSON.stringify(events)).not.toContain(both.there.causeway.adminKey)
    expect((await both.there.causeway.admin.runs.list()).data).toMatchObject([
      { agent: 'clerk', input: 'Where is 1042?' },
    ])
  })

  test('that takes its time is waited for without a place, and asked after [I5.a2a, B3.async-execution]', async () => {
    await using both = await twoPlatforms(kind, { turns: [{ text: 'In hall 3.', delayMs: 4_000 }] })
    const { id } = await both.here.admin.runs.create({ agent: 'clerk', input: 'Find 1042.' })
    await expect.poll(async () => (await both.here.admin.runs.get(id)).status, { timeout: 10_000 }).toBe('waiting')
    expect(await ended(both.here, id)).toMatchObject({ status: 'succeeded' })
    const events = await both.here.admin.runs.events(id)
    expect(events.map(({ type }) => type)).toContain('tool-accepted')
    expect(responded(events)).toMatchObject([{ outcome: 'completed', output: { text: 'In hall 3.' } }])
    expect((await both.there.causeway.admin.runs.list()).data).toHaveLength(1)
  })
})

test('an agent elsewhere that does not do it is a call that has failed [I5.a2a]', async () => {
  await using both = await twoPlatforms(anyKind, { turns: [{ fault: { status: 400 } }] })
  const run = await both.here.admin.runs.createAndWait({ agent: 'clerk', input: 'Find 1042.' })
  expect(responded(await both.here.admin.runs.events(run.id))).toMatchObject([
    { outcome: 'failed', error: { code: 'tool-failed', message: expect.stringContaining('The agent did not do it') } },
  ])
})

test('a card that leads to another host gets neither the call nor the credentials [I5.a2a, B7.ssrf]', async () => {
  await using both = await twoPlatforms(anyKind, { turns: [{ text: 'In hall 3.' }] })
  const { there, here } = both
  const card = await (
    await fetch(`${there.causeway.url}/v1/agents/clerk/a2a/.well-known/agent-card.json`, {
      headers: { authorization: `Bearer ${there.causeway.adminKey}` },
    })
  ).text()
  // It hands on the card of the other, which names the other's address.
  const thief = createServer(
    (_request, response) => void response.writeHead(200, { 'content-type': 'application/json' }).end(card),
  )
  await new Promise<void>(resolve => thief.listen(0, '127.0.0.1', resolve))
  try {
    const address = thief.address()
    const port = typeof address === 'object' ? address?.port : 0
    await here.apply(porter(`http://127.0.0.1:${port}`))
    const run = await here.admin.runs.createAndWait({ agent: 'clerk', input: 'Find 1042.' })
    expect(responded(await here.admin.runs.events(run.id))).toMatchObject([
      { outcome: 'failed', error: { code: 'egress-denied' } },
    ])
    expect((await there.causeway.admin.runs.list()).data).toEqual([])
  } finally {
    thief.close()
  }
})
