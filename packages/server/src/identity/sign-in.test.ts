import { describe, expect, test } from 'vitest'
import { databaseKinds } from '../database/testing/index.ts'
import { startIdentity } from './testing/start-identity.ts'

describe.each(databaseKinds)('console sessions on %s', kind => {
  test('a key is exchanged for a cookie that scripts cannot read, until sign-out [H2.console-sessions]', async () => {
    await using world = await startIdentity(kind)
    const signedIn = await world.send('/v1/auth/sign-in', { key: '', body: { key: world.adminKey } })
    expect(signedIn.status).toBe(204)
    const [setCookie = ''] = signedIn.headers.getSetCookie()
    expect(setCookie).toMatch(/^causeway_session=cws_[\w-]{32}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/)
    const [cookie = ''] = setCookie.split(';')
    const stored = await world.database.kysely.selectFrom('console_sessions').selectAll().execute()
    expect(JSON.stringify(stored)).not.toContain(cookie.slice('causeway_session='.length))

    const browser = { key: '', headers: { cookie, 'sec-fetch-site': 'same-origin', 'causeway-request': 'console' } }
    expect(await world.outcome('/v1/me', browser)).toBe(200)
    expect(await world.outcome('/v1/teams', { ...browser, body: { name: 'search' } })).toBe(201)
    const elsewhere = { key: '', headers: { ...browser.headers, 'sec-fetch-site': 'cross-site' } }
    expect(await world.outcome('/v1/teams', { ...elsewhere, body: { name: 'evil' } })).toBe('cross-site-request')
    expect(await world.outcome('/v1/auth/sign-in', { ...elsewhere, body: { key: world.adminKey } })).toBe(
      'cross-site-request',
    )

    expect(await world.outcome('/v1/auth/sign-out', { ...browser, method: 'POST' })).toBe(204)
    expect(await world.outcome('/v1/me', browser)).toBe('invalid-credentials')
    expect((await world.auditTrail()).actions.slice(-4)).toEqual([
      'console.signed-in',
      'key.used',
      'team.created',
      'console.signed-out',
    ])
  })

  test('a session ends after 12 hours, with its key, and when its key is revoked', async () => {
    await using world = await startIdentity(kind)
    const cookieOf = async (key: string): Promise<Record<string, string>> => {
      const response = await world.send('/v1/auth/sign-in', { key: '', body: { key } })
      return { cookie: response.headers.getSetCookie()[0]?.split(';')[0] ?? '' }
    }
    const { key, id } = await world.createKey({ name: 'ann', role: 'viewer' })
    const headers = await cookieOf(key)
    expect(await world.outcome('/v1/me', { key: '', headers })).toBe(200)
    await world.send(`/v1/api-keys/${id}`, { method: 'DELETE' })
    expect(await world.outcome('/v1/me', { key: '', headers })).toBe('invalid-credentials')
    expect(await world.outcome('/v1/auth/sign-in', { key: '', body: { key } })).toBe('invalid-credentials')
    expect((await world.auditTrail()).actions.at(-1)).toBe('console.sign-in-failed')

    const ofAdmin = await cookieOf(world.adminKey)
    world.advance(12 * 3_600_000)
    expect(await world.outcome('/v1/me', { key: '', headers: ofAdmin })).toBe('invalid-credentials')
  })

  test('behind a proxy that is trusted, and no other, the cookie is for TLS only and callers keep their addresses', async () => {
    const asProxy = {
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'agents.example.com',
      'x-forwarded-for': '203.0.113.9',
      origin: 'https://agents.example.com',
    }
    const signIn = async (trustedProxies: string[], headers: Record<string, string>) => {
      await using world = await startIdentity(kind, { trustedProxies })
      const response = await world.send('/v1/auth/sign-in', { key: '', body: { key: world.adminKey }, headers })
      const { rows } = await world.auditTrail()
      return {
        status: response.status,
        secure: response.headers.getSetCookie()[0]?.endsWith('; Secure'),
        address: /"address":"([^"]+)"/.exec(rows.find(({ action }) => action === 'console.signed-in')?.body ?? '')?.[1],
      }
    }
    expect(await signIn(['loopback'], asProxy)).toEqual({ status: 204, secure: true, address: '203.0.113.9' })
    // The origin is that of a host that the server does not know as its own.
    expect(await signIn([], asProxy)).toMatchObject({ status: 403 })
    const { origin: _, ...forged } = asProxy
    expect(await signIn(['10.0.0.0/8'], forged)).toEqual({ status: 204, secure: false, address: '127.0.0.1' })
  })

  test('after ten wrong keys an address has to wait a minute', async () => {
    await using world = await startIdentity(kind)
    const attempt = (key: string): Promise<string | number> =>
      world.outcome('/v1/auth/sign-in', { key: '', body: { key } })
    for (let count = 0; count < 10; count++) expect(await attempt('cw_wrong')).toBe('invalid-credentials')
    expect(await attempt(world.adminKey)).toBe('rate-limited')
    world.advance(60_000)
    expect(await attempt(world.adminKey)).toBe(204)
  })
})
