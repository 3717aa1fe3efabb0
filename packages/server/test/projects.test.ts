import { createClient, type Client } from '@causeway/sdk'
import type { CreateApiKey } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../src/database/testing/index.ts'
import { clerkManifests, startScriptedWorld } from '../src/testing/scripted-world.ts'

describe.each(databaseKinds)('a project on %s', kind => {
  test('has environments of its own, which keys of other teams neither use nor see [H1.projects, H1.tenancy]', async () => {
    await using world = await startScriptedWorld({ kind, model: { respond: () => ({ text: 'Hi.' }) } })
    const { admin, url } = world.causeway
    const client = (apiKey: string, environment?: string): Client =>
      createClient({ baseUrl: url, apiKey, maxRetries: 0, ...(environment !== undefined && { environment }) })
    const [pilots, cooks] = [await admin.teams.create({ name: 'pilots' }), await admin.teams.create({ name: 'cooks' })]
    let made = 0
    const keyOf = async (more: Partial<CreateApiKey>): Promise<string> =>
      (await admin.apiKeys.create({ name: `key-${made++}`, role: 'developer', ...more })).key

    const harbour = await admin.projects.create({ name: 'harbour', teamId: pilots.id })
    await admin.projects.create({ name: 'open' })
    expect(harbour.environments).toEqual(['harbour/dev', 'harbour/stage', 'harbour/prod'])
    await expect(admin.projects.create({ name: 'harbour' })).rejects.toMatchObject({ code: 'conflict' })
    await expect(admin.projects.create({ name: 'prod' })).rejects.toMatchObject({ code: 'invalid-request' })
    await expect(admin.projects.create({ name: 'x', teamId: 'team_none' })).rejects.toMatchObject({ code: 'not-found' })

    // What is in one environment is in no other.
    const [pilot, cook] = [await keyOf({ teamId: pilots.id }), await keyOf({ teamId: cooks.id })]
    const manifests = clerkManifests(world.model, [])
    await client(pilot, 'harbour/dev').manifests.apply({ manifests })
    const run = await client(pilot, 'harbour/dev').runs.createAndWait({ agent: 'clerk', input: 'hi' })
    expect(run.status).toBe('succeeded')
    expect(await client(pilot, 'harbour/dev').me()).toMatchObject({ environment: 'harbour/dev' })
    expect((await client(pilot).runs.list()).data).toEqual([])
    await expect(client(pilot, 'harbour/prod').runs.create({ agent: 'clerk', input: 'hi' })).rejects.toMatchObject({
      code: 'not-found',
    })

    // For another team there is no such project.
    const names = async (from: Client): Promise<string[]> =>
      (await from.environments.list()).data.map(({ name }) => name)
    const shared = ['dev', 'stage', 'prod', 'open/dev', 'open/stage', 'open/prod']
    expect((await names(client(cook))).toSorted()).toEqual(shared.toSorted())
    expect(await names(client(pilot))).toContain('harbour/prod')
    expect(await names(admin)).toContain('harbour/prod')
    expect((await client(cook).projects.list()).data.map(({ name }) => name)).toEqual(['open'])
    expect((await client(cook).projects.list({ limit: 1 })).nextCursor).toBeNull()
    const missing = { code: 'unknown-environment' }
    await expect(client(cook, 'harbour/dev').runs.list()).rejects.toMatchObject(missing)
    await expect(client(cook, 'nowhere/dev').runs.list()).rejects.toMatchObject(missing)
    expect(await client(cook, 'open/dev').me()).toMatchObject({ environment: 'open/dev' })
    const asked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${cook}`, 'causeway-environment': 'harbour/dev' },
      body: JSON.stringify({ model: 'clerk', messages: [] }),
    })
    expect(asked.status).toBeGreaterThanOrEqual(400)
    expect(await asked.text()).toContain('There is no environment harbour/dev')

    // Sums over the organisation have what is not theirs in it.
    await expect(client(cook).usage({ of: 'organisation' })).rejects.toMatchObject({ code: 'missing-right' })
    expect(await admin.usage({ of: 'organisation' })).toMatchObject({})

    // Whoever makes keys gets no further by a key than without one.
    const keys = { role: 'admin', rights: ['keys:write', 'runs:read', 'members:read'] } as const
    const maker = client(await keyOf({ ...keys, rights: [...keys.rights], teamId: cooks.id }))
    const key = { name: 'further', role: 'viewer', rights: ['runs:read'] } as const
    const further = (more: Partial<CreateApiKey>) => maker.apiKeys.create({ ...key, rights: [...key.rights], ...more })
    await expect(further({ environment: 'harbour/dev' })).rejects.toMatchObject(missing)
    await expect(further({ teamId: pilots.id })).rejects.toMatchObject({ code: 'missing-right' })
    await expect(maker.projects.create({ name: 'mine' })).rejects.toMatchObject({ code: 'missing-right' })
    expect(await further({ teamId: cooks.id })).toMatchObject({ teamId: cooks.id })

    // An administrator may let somebody else in, by a key of that environment.
    const guest = await keyOf({ environment: 'harbour/dev', role: 'viewer' })
    expect((await client(guest).runs.list()).data).toMatchObject([{ id: run.id }])
    expect(await names(client(guest))).not.toContain('harbour/prod')
    expect(await names(client(guest))).toContain('harbour/dev')
  })

  test('has a development environment, in which nobody needs a second person, as the organisation has [H1.projects]', async () => {
    await using world = await startScriptedWorld({
      kind,
      model: { respond: () => ({ text: 'Hi.' }) },
    })
    const { admin, url, adminKey } = world.causeway
    await admin.projects.create({ name: 'harbour' })
    const manifests = clerkManifests(world.model, [])
    const tool = {
      kind: 'Tool' as const,
      name: 'risky',
      spec: {
        description: 'Pays.',
        input: { type: 'object' },
        effect: 'write' as const,
        risk: 3 as const,
        implementation: { type: 'worker' as const },
      },
    }
    const inStage = (stage: string): Client =>
      createClient({ baseUrl: url, apiKey: adminKey, environment: `harbour/${stage}`, maxRetries: 0 })
    expect(await inStage('dev').manifests.apply({ manifests: [...manifests, tool] })).toMatchObject({})
    await expect(inStage('prod').manifests.apply({ manifests: [...manifests, tool] })).rejects.toMatchObject({
      code: 'review-needed',
    })
  })
})
