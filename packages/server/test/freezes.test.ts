import type { CreateFreeze } from '@causeway/contracts'
import { provider, route } from '@causeway/sdk'
import { createScriptedModel } from '@causeway/sdk/testing'
import { describe, expect, test } from 'vitest'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { startPlatformProcess, type PlatformProcess } from '../src/testing/platform-process.ts'
import { calls, clerkManifests, startScriptedWorld } from '../src/testing/scripted-world.ts'

const chat = (url: string, key: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'clerk', messages: [{ role: 'user', content: 'hello' }] }),
  })

describe.each(databaseKinds)('a freeze on %s', kind => {
  const frozen: [freeze: CreateFreeze, what: 'models' | 'tools'][] = [
    [{ kind: 'environment', name: 'dev', reason: 'incident 7' }, 'models'],
    [{ kind: 'agent', name: 'clerk', reason: 'incident 7' }, 'models'],
    [{ kind: 'tool', name: 'lookup', reason: 'incident 7' }, 'tools'],
  ]
  test.each(frozen)(
    'of %j stops what it is about until it is lifted, which needs its name again [B2.kill-switch]',
    async (freeze, what) => {
      await using world = await startScriptedWorld({
        kind,
        model: { respond: ({ messages }) => (messages.at(-1)?.role === 'user' ? calls('lookup') : { text: 'Done.' }) },
      })
      const { admin } = world.causeway
      const made = await admin.freezes.set(freeze)
      expect(await admin.freezes.set({ ...freeze, reason: 'again' })).toEqual(made)
      const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
      expect(world.world.calls).toEqual([])
      expect(world.model.requests.length > 0).toBe(what === 'tools')
      expect(run.status).toBe(what === 'tools' ? 'succeeded' : 'failed')
      expect(JSON.stringify(await admin.runs.events(run.id))).toContain('is frozen: incident 7')

      await expect(admin.freezes.lift(made.id, { confirm: 'something' })).rejects.toMatchObject({
        code: 'invalid-request',
      })
      const developer = await world.causeway.clientOf('developer')
      await expect(developer.freezes.set(freeze)).rejects.toMatchObject({ status: 403 })
      expect(await admin.freezes.lift(made.id, { confirm: freeze.name })).toMatchObject({ liftedBy: 'user:admin' })
      expect((await admin.freezes.list({ inForce: 'true' })).data).toEqual([])
      await admin.runs.createAndWait({ agent: 'clerk', input: 'look' })
      expect(world.world.calls).toHaveLength(1)
      const actions = (await admin.audit.list()).data.map(({ action, subject }) => `${action} ${subject}`)
      expect(actions).toEqual(
        expect.arrayContaining([
          `freeze.set ${freeze.kind}:${freeze.name}`,
          `freeze.lifted ${freeze.kind}:${freeze.name}`,
        ]),
      )
    },
  )

  test('of the environment stops calls of models by keys, and another environment goes on [B2.kill-switch, H1.tenancy]', async () => {
    await using world = await startScriptedWorld({ kind, model: {} })
    const { admin, adminKey, url } = world.causeway
    await expect(admin.freezes.set({ kind: 'environment', name: 'prod', reason: 'x' })).rejects.toMatchObject({
      code: 'invalid-request',
    })
    expect((await chat(url, adminKey)).status).toBe(200)
    await admin.freezes.set({ kind: 'environment', name: 'dev', reason: 'incident 7' })
    const refused = await chat(url, adminKey)
    expect([refused.status, await refused.text()]).toEqual([403, expect.stringContaining('is frozen: incident 7')])
    const stage = await world.causeway.clientOf('viewer', { environment: 'stage' })
    expect((await stage.freezes.list()).data).toEqual([])
  })

  test('of a provider sends calls to the next target, and of a route stops all of them, cached answers too [B2.kill-switch, G5.kill-switches]', async () => {
    await using world = await startScriptedWorld({ kind, model: {} })
    const { admin, adminKey, url, apply } = world.causeway
    await using second = await createScriptedModel({ respond: () => ({ text: 'From the second.' }) })
    await apply(
      provider({ name: 'second', type: 'openai-compatible', baseUrl: second.baseUrl }),
      route({
        name: 'clerk',
        targets: [
          { provider: 'scripted', model: 'gpt-4o-mini' },
          { provider: 'second', model: 'second' },
        ],
        cache: { ttlSeconds: 60 },
      }),
    )
    const first = await admin.freezes.set({ kind: 'provider', name: 'scripted', reason: 'incident 7' })
    const answered = await chat(url, adminKey)
    expect([answered.status, await answered.text()]).toEqual([200, expect.stringContaining('From the second.')])
    expect(world.model.requests).toEqual([])
    const all = await admin.freezes.set({ kind: 'route', name: 'clerk', reason: 'incident 8' })
    const refused = await chat(url, adminKey)
    expect([refused.status, await refused.text()]).toEqual([
      403,
      expect.stringContaining('The route clerk is frozen: incident 8'),
    ])
    for (const { id, name } of [first, all]) await admin.freezes.lift(id, { confirm: name })
    expect((await chat(url, adminKey)).status).toBe(200)
  })

  test('holds on every replica within a second, however busy it is [B2.kill-switch]', async () => {
    await using model = await createScriptedModel({})
    await using store = await createTestStore(kind)
    await using parts = new AsyncDisposableStack()
    const replicas: PlatformProcess[] = []
    for (let replica = 0; replica < (kind === 'postgresql' ? 2 : 1); replica++)
      replicas.push(parts.use(await startPlatformProcess(store)))
    const [first] = replicas
    await first?.client.manifests.apply({ manifests: clerkManifests(model, []) })
    for (const { url, key } of replicas)
      await expect.poll(async () => (await chat(url, key)).status, { timeout: 5000 }).toBe(200)
    await first?.client.freezes.set({ kind: 'environment', name: 'dev', reason: 'incident 7' })
    const at = Date.now()
    const took = await Promise.all(
      replicas.map(async ({ url, key }) => {
        while ((await chat(url, key)).status === 200 && Date.now() - at < 5000);
        return Date.now() - at
      }),
    )
    expect(Math.max(...took)).toBeLessThan(1000)
  })
})
