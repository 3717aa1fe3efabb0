import type { RunPriority } from '@causeway/contracts'
import { createClient } from '@causeway/sdk'
import { describe, expect, test, vi } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { calls, clerkManifests, startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('the queue of runs on %s', kind => {
  test('a tenant with many queued runs does not delay the first of another [A7.fairness, H1.noisy-neighbour]', async () => {
    // Those of the one end only when that of the other has ended.
    const served = Promise.withResolvers<void>()
    await using started = await startScriptedWorld({
      kind,
      model: {
        respond: async ({ messages }) => {
          if (JSON.stringify(messages).includes('noisy')) await served.promise
          return { text: 'done' }
        },
      },
      environment: { CAUSEWAY_CONCURRENCY: '10' },
    })
    const { admin, url, adminKey } = started.causeway
    const stage = createClient({ baseUrl: url, apiKey: adminKey, environment: 'stage' })
    await stage.manifests.apply({ manifests: clerkManifests(started.model, []) })
    await Promise.all(Array.from({ length: 200 }, () => admin.runs.create({ agent: 'clerk', input: 'noisy' })))
    const begin = performance.now()
    await stage.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(performance.now() - begin).toBeLessThan(2_000)
    const rest = await admin.runs.list({ status: 'queued', limit: 200 })
    expect(rest.data.length).toBeGreaterThan(180)
    served.resolve()
  })

  test('interactive runs are worked on before those of a batch, and these before evaluations [A7.queues]', async () => {
    const queued = Promise.withResolvers<void>()
    await using started = await startScriptedWorld({
      kind,
      model: {
        respond: async () => {
          await queued.promise
          return { text: 'Done.' }
        },
      },
      environment: { CAUSEWAY_CONCURRENCY: '1' },
    })
    const { admin } = started.causeway
    const first = await admin.runs.create({ agent: 'clerk', input: 'holds the place' })
    await vi.waitFor(async () => expect((await admin.runs.get(first.id)).status).toBe('running'), 10_000)
    const ids: string[] = []
    for (const priority of ['evaluation', 'batch', 'interactive', 'batch', 'interactive'] satisfies RunPriority[])
      ids.push((await admin.runs.create({ agent: 'clerk', input: 'go', priority })).id)
    queued.resolve()
    await Promise.all(ids.map(id => admin.runs.wait(id)))
    const runs = await Promise.all(ids.map(id => admin.runs.get(id)))
    const order = runs.toSorted((one, other) => (one.endedAt ?? '').localeCompare(other.endedAt ?? ''))
    expect(order.map(({ priority }) => priority)).toEqual([
      'interactive',
      'interactive',
      'batch',
      'batch',
      'evaluation',
    ])
  })

  test('more runs than may wait are refused with a time to come again, those that nobody waits for first; what has begun ends [A7.backpressure, G4.load-shedding]', async () => {
    // None ends before the last was refused.
    const refusing = Promise.withResolvers<void>()
    await using started = await startScriptedWorld({
      kind,
      model: {
        respond: async () => {
          await refusing.promise
          return { text: 'done' }
        },
      },
      environment: { CAUSEWAY_CONCURRENCY: '1', CAUSEWAY_QUEUED_RUNS: '4' },
    })
    const client = await started.causeway.clientOf('developer')
    const { id } = await client.runs.create({ agent: 'clerk', input: 'go' })
    await vi.waitFor(async () => expect((await client.runs.get(id)).status).toBe('running'), 15_000)
    const accepted = [await client.runs.create({ agent: 'clerk', input: 'go' })]
    accepted.push(await client.runs.create({ agent: 'clerk', input: 'go' }))
    await expect(client.runs.create({ agent: 'clerk', input: 'go', priority: 'batch' })).rejects.toMatchObject({
      code: 'queue-full',
    })
    accepted.push(await client.runs.create({ agent: 'clerk', input: 'go' }))
    accepted.push(await client.runs.create({ agent: 'clerk', input: 'go' }))
    const refused = await fetch(`${started.causeway.url}/v1/runs`, {
      method: 'POST',
      headers: { authorization: `Bearer ${client.key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ agent: 'clerk', input: 'go' }),
    })
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    refusing.resolve()
    for (const run of accepted) expect((await client.runs.wait(run.id)).status).toBe('succeeded')
  })

  test('a run of many steps gives its place to others between two of them [A7.fairness, A1.resume]', async () => {
    await using started = await startScriptedWorld({
      kind,
      model: { respond: (_request, index) => (index < 150 ? calls('lookup', String(index)) : { text: 'done' }) },
      limits: { steps: 200, toolCalls: 200 },
      environment: { CAUSEWAY_CONCURRENCY: '1' },
    })
    const { admin } = started.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    expect(run).toMatchObject({ status: 'succeeded', spent: { steps: 151, toolCalls: 150 } })
    const events = await admin.runs.events(run.id)
    expect(events.filter(({ type }) => type === 'segment-started')).toHaveLength(2)
    expect(new Set(started.world.calls.map(call => JSON.stringify(call.arguments))).size).toBe(150)
  })
})
