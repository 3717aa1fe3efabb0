import { Me } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { createAudit } from '../audit/index.ts'
import { databaseKinds } from '../database/testing/index.ts'
import { createOrganisation } from './index.ts'
import { startIdentity } from './testing/start-identity.ts'

describe.each(databaseKinds)('API keys on %s', kind => {
  test('a key is stored as a hash only, and shown once [H2.api-keys-hashed]', async () => {
    await using world = await startIdentity(kind)
    const created = await world.createKey({ name: 'ci', role: 'developer' })
    expect(created.key).toMatch(/^cw_[\w-]{32}$/)
    expect(created.key.startsWith(created.prefix)).toBe(true)
    for (const key of [created.key, world.adminKey]) {
      const tables = await Promise.all(
        (['api_keys', 'audit_log', 'users'] as const).map(table =>
          world.database.kysely.selectFrom(table).selectAll().execute(),
        ),
      )
      expect(JSON.stringify(tables)).not.toContain(key.slice(9))
    }
    expect(JSON.stringify(await world.readKeys())).not.toContain(created.key)
    expect(await world.outcome('/v1/me', { key: created.key })).toBe(200)
    expect(await world.outcome('/v1/me', { key: '', headers: { 'x-api-key': created.key } })).toBe(200)
    expect(await world.outcome('/v1/me', { key: `${created.key.slice(0, -1)}!` })).toBe('invalid-credentials')
    expect(await world.outcome('/v1/me', { key: `cw_${'a'.repeat(32)}` })).toBe('invalid-credentials')
    expect(await world.outcome('/v1/me', { key: '' })).toBe('missing-credentials')
  })

  test('a revoked key is refused at once here, and within a second elsewhere [H2.keys-revoked]', async () => {
    await using world = await startIdentity(kind)
    const other = await world.replica()
    const { key, id } = await world.createKey({ name: 'ci', role: 'developer' })
    expect(await world.outcome('/v1/me', { key })).toBe(200)
    expect((await other.send('/v1/me', { key })).status).toBe(200)
    expect(await world.outcome(`/v1/api-keys/${id}`, { method: 'DELETE' })).toBe(200)
    expect(await world.outcome('/v1/me', { key })).toBe('invalid-credentials')
    world.advance(1000)
    expect((await other.send('/v1/me', { key })).status).toBe(401)
    expect(await world.outcome(`/v1/api-keys/${id}`, { method: 'DELETE' })).toBe(200)
    expect((await world.auditTrail()).actions.filter(action => action === 'key.revoked')).toHaveLength(1)
  })

  test('a key works until it expires, and makes none that outlives it [H2.keys-expire, H2.keys-bounded]', async () => {
    await using world = await startIdentity(kind)
    const { key, expiresAt } = await world.createKey({ name: 'ci', role: 'admin', expiresInSeconds: 60 })
    const heir = await world.createKey({ name: 'heir', role: 'viewer' }, key)
    expect(heir.expiresAt).toBe(expiresAt)
    const body = { name: 'longer', role: 'viewer', expiresInSeconds: 3600 }
    expect(await world.outcome('/v1/api-keys', { body, key })).toBe('missing-right')
    world.advance(61_000)
    expect(await world.outcome('/v1/me', { key })).toBe('invalid-credentials')
  })

  test('a key of one environment works there only, and sees and makes only its like [H1.environment-bound-keys]', async () => {
    await using world = await startIdentity(kind)
    await world.createKey({ name: 'everywhere', role: 'viewer' })
    const { key } = await world.createKey({ name: 'of-prod', role: 'admin', environment: 'prod' })
    const me = async (headers: Record<string, string>, as: string): Promise<string> =>
      Me.parse(await (await world.send('/v1/me', { key: as, headers })).json()).environment
    expect(await me({}, key)).toBe('prod')
    expect(await me({}, world.adminKey)).toBe('dev')
    expect(await me({ 'causeway-environment': 'stage' }, world.adminKey)).toBe('stage')
    const inside = (environment: string) => ({ headers: { 'causeway-environment': environment } })
    expect(await world.outcome('/v1/me', { key, ...inside('dev') })).toBe('environment-mismatch')
    expect(await world.outcome('/v1/me', inside('nowhere'))).toBe('unknown-environment')

    const body = { name: 'of-dev', role: 'viewer', environment: 'dev' }
    expect(await world.outcome('/v1/api-keys', { body, key })).toBe('environment-mismatch')
    expect(await world.createKey({ name: 'too', role: 'viewer' }, key)).toMatchObject({ environment: 'prod' })
    expect((await world.readKeys(key)).map(({ name }) => name)).toEqual(['too', 'of-prod'])
    const everywhere = (await world.readKeys()).find(({ name }) => name === 'everywhere')
    expect(await world.outcome(`/v1/api-keys/${everywhere?.id}`, { method: 'DELETE', key })).toBe('not-found')
  })

  test('a key may do what its role, its own list and its user allow, and can grant no more [H2.roles, H2.keys-bounded]', async () => {
    await using world = await startIdentity(kind)
    const rightsOf = async (key: string): Promise<string[]> =>
      Me.parse(await (await world.send('/v1/me', { key })).json()).rights
    const narrow = await world.createKey({ name: 'keys-only', role: 'admin', rights: ['keys:write', 'runs:read'] })
    expect(await rightsOf(narrow.key)).toEqual(['keys:write', 'runs:read'])
    expect(await world.outcome('/v1/teams', { key: narrow.key })).toBe('missing-right')
    const grant = (body: object) => world.outcome('/v1/api-keys', { key: narrow.key, body: { name: 'more', ...body } })
    expect(await grant({ role: 'viewer' })).toBe('missing-right')
    expect(await grant({ role: 'admin', rights: ['audit:read'] })).toBe('missing-right')
    expect(await grant({ role: 'viewer', rights: ['keys:write'] })).toBe('invalid-request')
    expect(await grant({ role: 'viewer', rights: ['runs:read'] })).toBe(201)

    const user = Object(await (await world.send('/v1/users', { body: { name: 'ann', role: 'reviewer' } })).json())
    const ofAnn = await world.createKey({ name: 'ann-laptop', role: 'admin', userId: user.id })
    expect(await rightsOf(ofAnn.key)).not.toContain('keys:write')
    expect(Me.parse(await (await world.send('/v1/me', { key: ofAnn.key })).json()).actor).toBe('user:ann')
  })

  test('nobody can take the name under which another stands in the audit log', async () => {
    await using world = await startIdentity(kind)
    await world.createKey({ name: 'ci', role: 'viewer' })
    const again = await Promise.all(
      [1, 2, 3].map(() => world.outcome('/v1/api-keys', { body: { name: 'new', role: 'viewer' } })),
    )
    expect(again.map(String).toSorted((one, other) => one.localeCompare(other))).toEqual([
      '201',
      'conflict',
      'conflict',
    ])
    expect(await world.outcome('/v1/api-keys', { body: { name: 'ci', role: 'viewer' } })).toBe('conflict')
    expect(await world.outcome('/v1/users', { body: { name: 'admin', role: 'viewer' } })).toBe('conflict')
    expect(await world.outcome('/v1/teams', { body: { name: 'default' } })).toBe('conflict')
  })

  test('making, using and revoking keys stands in the audit log; use once an hour', async () => {
    await using world = await startIdentity(kind)
    const { key, id } = await world.createKey({ name: 'ci', role: 'viewer' })
    await Promise.all(Array.from({ length: 20 }, () => world.send('/v1/me', { key })))
    world.advance(61_000)
    await world.send('/v1/me', { key })
    const used = async (): Promise<number> =>
      (await world.auditTrail()).rows.filter(({ action, subject }) => action === 'key.used' && subject === id).length
    expect(await used()).toBe(1)
    world.advance(3_600_000)
    await world.send('/v1/me', { key })
    expect(await used()).toBe(2)
    await world.send(`/v1/api-keys/${id}`, { method: 'DELETE' })
    const { actions, valid } = await world.auditTrail()
    expect(actions).toEqual([
      'organisation.created',
      'key.used',
      'key.created',
      'key.used',
      'key.used',
      'key.used',
      'key.revoked',
    ])
    expect(valid).toBe(true)
    const listed = (await world.readKeys()).find(each => each.id === id)
    expect(Date.parse(listed?.lastUsedAt ?? '')).toBeGreaterThan(Date.now() + 3_600_000)
  })

  test('organisations do not see one another [H1.organisations-apart]', async () => {
    await using world = await startIdentity(kind)
    const { id } = await world.createKey({ name: 'mine', role: 'viewer' })
    const { key } = await world.database.transaction(transaction =>
      createOrganisation(transaction, createAudit(), 'other'),
    )
    expect((await world.readKeys(key)).map(({ name }) => name)).toEqual(['admin'])
    expect(await world.outcome(`/v1/api-keys/${id}`, { method: 'DELETE', key })).toBe('not-found')
    const team = Object(await (await world.send('/v1/teams')).json()).data[0]
    expect(await world.outcome('/v1/api-keys', { key, body: { name: 'a', role: 'viewer', teamId: team.id } })).toBe(
      'not-found',
    )
  })

  test('lists are read page by page [A1.pagination]', async () => {
    await using world = await startIdentity(kind)
    for (const name of ['a', 'b', 'c']) await world.createKey({ name, role: 'viewer' })
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { data: { name: string }[]; nextCursor: string | null } = Object(
        await (await world.send(`/v1/api-keys?limit=2${cursor && `&cursor=${cursor}`}`)).json(),
      )
      seen.push(...page.data.map(({ name }) => name))
      cursor = page.nextCursor
    }
    expect(seen).toEqual(['c', 'b', 'a', 'admin'])
    expect(await world.outcome('/v1/api-keys?cursor=abc')).toBe('invalid-cursor')
  })
})
