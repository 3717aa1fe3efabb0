import { setTimeout as wait } from 'node:timers/promises'
import { createHash } from 'node:crypto'
import type { ManifestKind } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../database/testing/index.ts'
import { startTestPlatform } from '../testing/start-test-platform.ts'
import { agent, openManifests, provider, route } from './testing/open-manifests.ts'

describe.each(databaseKinds)('on %s', kind => {
  test('a version is the hash of its content, defaults included, and never changes [F5.manifest-versions]', async () => {
    await using world = await openManifests(kind)
    const manifests = world.replica()
    const [dev, stage] = [await world.callerIn('dev'), await world.callerIn('stage')]
    const { changes } = await manifests.apply(dev, { manifests: [provider('p')] })
    const version = changes[0]?.toVersion ?? ''
    // Keys in the order of RFC 8785; `optional` is a default.
    const canonical =
      '{"kind":"Provider","name":"p","spec":{"baseUrl":"http://127.0.0.1:1/v1","optional":false,"type":"openai-compatible"}}'
    expect(version).toBe(createHash('sha256').update(canonical).digest('hex'))

    await manifests.apply(dev, { manifests: [provider('p', 'http://127.0.0.1:2/v1')] })
    expect(await manifests.version(dev, 'Provider', 'p', version)).toMatchObject({
      spec: { baseUrl: 'http://127.0.0.1:1/v1' },
    })
    expect((await manifests.apply(stage, { manifests: [provider('p')] })).changes).toMatchObject([
      { toVersion: version },
    ])
    const rows = await world.database.kysely.selectFrom('manifests').selectAll().execute()
    expect(rows).toHaveLength(2)
    expect(rows.find(row => row.version === version)?.created_by).toBe(dev.actor)

    const back = await manifests.apply(dev, { manifests: [provider('p')] })
    expect(back.changes).toMatchObject([{ action: 'update', toVersion: version }])
  })

  test('a replica sees what another one applied [F5.manifest-versions]', async () => {
    await using world = await openManifests(kind)
    const caller = await world.callerIn('dev')
    const [one, other] = [world.replica(), world.replica()]
    await one.apply(caller, { manifests: [provider('p')] })
    const before = await other.active(caller, 'Provider', 'p')
    await one.apply(caller, { manifests: [provider('p', 'http://127.0.0.1:2/v1')] })
    expect((await one.active(caller, 'Provider', 'p'))?.version).not.toBe(before?.version)
    await expect
      .poll(async () => (await other.active(caller, 'Provider', 'p'))?.manifest.spec, { timeout: 1000 })
      .toMatchObject({ baseUrl: 'http://127.0.0.1:2/v1' })
  })

  test('a list stays the same object until something in its environment changes, for every replica [F5.manifest-versions]', async () => {
    await using world = await openManifests(kind)
    const [dev, production] = [await world.callerIn('dev'), await world.callerIn('prod')]
    const [one, other] = [world.replica(), world.replica()]
    for (const caller of [dev, production]) await one.apply(caller, { manifests: [provider('p'), provider('q')] })
    const [listed, elsewhere] = [await other.allActive(dev, 'Provider'), await other.allActive(production, 'Provider')]
    await wait(600)
    expect(await other.allActive(dev, 'Provider')).toBe(listed)
    await one.apply(dev, { manifests: [provider('q')], prune: true })
    expect((await one.allActive(dev, 'Provider')).map(({ manifest }) => manifest.name)).toEqual(['q'])
    await expect
      .poll(async () => (await other.allActive(dev, 'Provider')).map(({ manifest }) => manifest.name), {
        timeout: 1000,
      })
      .toEqual(['q'])
    await expect.poll(() => other.active(dev, 'Provider', 'p'), { timeout: 1000 }).toBeUndefined()
    expect(await other.allActive(production, 'Provider')).toBe(elsewhere)
  })

  test('nothing of another organisation or environment is in force, readable or needed [H1.tenancy]', async () => {
    await using world = await openManifests(kind)
    const manifests = world.replica()
    const dev = await world.callerIn('dev')
    const { changes } = await manifests.apply(dev, { manifests: [provider('p'), route('r', 'p')] })
    const version = changes[0]?.toVersion ?? ''
    for (const foreign of [await world.callerIn('prod'), await world.otherCallerIn('dev')]) {
      expect(await manifests.active(foreign, 'Provider', 'p')).toBeUndefined()
      expect(await manifests.allActive(foreign, 'Route')).toEqual([])
      await expect(manifests.apply(foreign, { manifests: [route('r', 'p')] })).rejects.toMatchObject({
        code: 'invalid-manifest',
      })
      expect((await manifests.apply(foreign, { manifests: [], prune: true })).changes).toEqual([])
    }
    expect(await manifests.version(await world.otherCallerIn('dev'), 'Provider', 'p', version)).toBeUndefined()
    expect(await manifests.active(dev, 'Provider', 'p')).toBeDefined()
  })

  test('lists, versions and comparisons over the API, in pages [F5.manifest-versions, F5.plan-apply-diff, H1.tenancy]', async () => {
    await using platform = await startTestPlatform({ kind })
    const { admin } = platform
    await platform.apply(provider('p'), route('r', 'p'))
    const wordings = ['One.', 'Two.', 'Three.']
    for (const wording of wordings) await platform.apply({ ...agent('a', wording, 'r'), description: wording })

    const names: string[] = []
    for (let cursor: string | null | undefined; cursor !== null;) {
      const page: Awaited<ReturnType<typeof admin.manifests.list>> = await admin.manifests.list({
        limit: 1,
        ...(cursor && { cursor }),
      })
      names.push(...page.data.map(({ kind: of, name, active }) => `${of}/${name} ${active}`))
      cursor = page.nextCursor
    }
    expect(names).toEqual(['Agent/a true', 'Provider/p true', 'Route/r true'])
    expect((await admin.manifests.list({ kind: 'Route' })).data.map(({ name }) => name)).toEqual(['r'])

    const first = await admin.manifests.versions('Agent', 'a', { limit: 2 })
    const rest = await admin.manifests.versions('Agent', 'a', { limit: 2, cursor: first.nextCursor ?? '' })
    const all = [...first.data, ...rest.data]
    expect(all.map(({ description, active }) => [description, active])).toEqual([
      ['Three.', true],
      ['Two.', false],
      ['One.', false],
    ])
    const [newest, , oldest] = all.map(({ version }) => version)
    expect(await admin.manifests.get('Agent', 'a', oldest)).toMatchObject({ active: false, description: 'One.' })
    expect(await admin.manifests.diff('Agent', 'a', oldest ?? '', newest ?? '')).toEqual({
      differences: [
        { pointer: '/description', before: 'One.', after: 'Three.' },
        { pointer: '/spec/instructions', before: 'One.', after: 'Three.' },
      ],
    })

    const refusals: [ManifestKind, string][] = [['Route', first.nextCursor ?? '']]
    for (const [of, cursor] of [...refusals, ['Route', 'bm90aGluZw'] as const])
      await expect(admin.manifests.list({ kind: of, cursor })).rejects.toMatchObject({ code: 'invalid-cursor' })

    const stage = await platform.clientOf('admin', { environment: 'stage' })
    expect((await stage.manifests.versions('Agent', 'a')).data).toEqual([])
    await expect(stage.manifests.get('Agent', 'a', oldest)).rejects.toMatchObject({ code: 'not-found' })
    await expect(stage.manifests.diff('Agent', 'a', oldest ?? '', newest ?? '')).rejects.toMatchObject({
      code: 'not-found',
    })
    const viewer = await platform.clientOf('viewer')
    await expect(viewer.manifests.apply({ manifests: [] })).rejects.toMatchObject({ code: 'missing-right' })
    expect((await viewer.manifests.plan({ manifests: [] })).changes).toEqual([])
  })
})
