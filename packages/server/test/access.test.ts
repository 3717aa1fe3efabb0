import { createClient } from '@causeway/sdk'
import { describe, expect, test } from 'vitest'
import { rightsOfRole, type Role } from '@causeway/contracts'
import { createAudit } from '../src/audit/index.ts'
import { openDatabase } from '../src/database/index.ts'
import { databaseKinds } from '../src/database/testing/index.ts'
import { createOrganisation } from '../src/identity/index.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { calls, startScriptedWorld, type ScriptedWorld } from '../src/testing/scripted-world.ts'

interface Operation {
  method: string
  path: string
}

/** Every operation of the API, from its own description. */
async function operationsOf(url: string): Promise<Operation[]> {
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(method => ({ method: method.toUpperCase(), path })),
  )
}

const world = (kind: 'embedded' | 'postgresql'): Promise<ScriptedWorld> =>
  startScriptedWorld({
    kind,
    model: { respond: () => calls('pay') },
    tools: { pay: () => ({}) },
    governance: { pay: { approval: 'always' } },
  })

describe.each(databaseKinds)('access on %s', kind => {
  test('without a key, with a wrong, an expired or a revoked one is refused on every operation [H2.credentials-required, H2.keys-expire, H2.keys-revoked, A1.problem-documents]', async () => {
    await using started = await world(kind)
    const { url, admin } = started.causeway
    const expired = await started.causeway.clientOf('admin', { expiresInSeconds: 1 })
    const revoked = await started.causeway.clientOf('admin')
    await admin.apiKeys.revoke(revoked.id)
    await new Promise(resolve => setTimeout(resolve, 1100))
    // The address of a callback is the credential; what is none is not found.
    const keyless = (path: string): boolean => path.startsWith('/v1/auth/') || path.startsWith('/v1/tool-callbacks/')
    const operations = (await operationsOf(url)).filter(({ path }) => !keyless(path))
    expect(operations.length).toBeGreaterThan(25)
    for (const key of [undefined, 'cw_wrong', expired.key, revoked.key]) {
      for (const { method, path } of operations) {
        const response = await fetch(url + path.replaceAll(/\{\w+\}/g, 'x'), {
          method,
          headers: key ? { authorization: `Bearer ${key}` } : {},
        })
        expect([method, path, response.status]).toEqual([method, path, 401])
        expect(response.headers.get('content-type')).toContain('application/problem+json')
      }
    }
    const models = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${revoked.key}` },
    })
    expect(models.status).toBe(401)
  })

  test('to things of another organisation or environment is as if they were not there, on every operation that names one [H1.tenancy, H1.environment-bound-keys]', async () => {
    await using started = await world(kind)
    const { url, admin, store, platform } = started.causeway
    const run = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
    await admin.secrets.set('ORDERS_API_KEY', { value: 'orders-12345' })
    const [approval] = (await admin.approvals.list()).data
    const [key] = (await admin.apiKeys.list()).data
    const asked = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${started.causeway.adminKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'nothing', messages: [{ role: 'user', content: 'Hi' }] }),
    })
    const call = asked.headers.get('x-request-id') ?? ''
    await expect.poll(async () => (await admin.modelCalls.list()).data, { timeout: 5000 }).toHaveLength(1)
    const names: Record<string, string> = {
      id: run.id,
      name: 'clerk',
      kind: 'Agent',
      traceId: run.traceId,
      workerId: 'x',
      token: 'x',
      version: '0',
    }
    const stage = await started.causeway.clientOf('admin', { environment: 'stage' })

    const foreign = [{ key: stage.key, sameOrganisation: true }]
    if (store.url !== undefined) {
      const database = await openDatabase({
        url: store.url,
        dataFolder: store.dataFolder,
        logger: createLogger({ level: 'silent' }),
      })
      const other = await database.transaction(transaction => createOrganisation(transaction, createAudit(), 'other'))
      await database.close()
      foreign.push({ key: other.key, sameOrganisation: false })
    }
    const bodies: Record<string, unknown> = {
      '/v1/approvals/{id}/decision': { outcome: 'approve' },
      '/v1/approvals/{id}/links': { person: 'x' },
      '/v1/approvals/{id}/delegation': { to: 'x' },
      '/v1/runs/{id}/notes': { text: 'x' },
      '/v1/model-calls/{id}/feedback': { score: 1 },
      '/v1/agents/{name}/a2a': {},
      '/v1/agents/{name}/a2a/message:send': {},
      '/v1/agents/{name}/a2a/message:stream': {},
      '/v1/agents/{name}/a2a/tasks/{id}/pushNotificationConfigs': {},
      '/v1/agents/{name}/ag-ui': { threadId: 'x', runId: 'x', messages: [{ role: 'user', content: 'x' }] },
      '/v1/sessions/{id}/fork': { after: 0 },
      '/v1/sessions/{id}/hold': { reason: 'x' },
      '/v1/triggers/{name}/messages': { body: 'x' },
      '/v1/runs/{id}/replay': {},
      '/v1/runs/{id}/answers': { answer: 'x' },
      '/v1/freezes/{id}/lift': { confirm: 'x' },
      '/v1/incidents/{id}/entries': { note: 'x' },
      '/v1/tool-reviews/{id}/actions': { action: 'approve' },
      '/v1/tool-callbacks/{token}': { output: 1 },
      '/v1/workers/{workerId}/results': { callId: 'x', outcome: 'failed', message: 'x' },
    }
    for (const { key: foreignKey, sameOrganisation } of foreign) {
      const named = (await operationsOf(url)).filter(({ path }) => path.includes('{'))
      expect(named.length).toBeGreaterThan(10)
      for (const { method, path } of named) {
        if (path.startsWith('/v1/api-keys') && sameOrganisation) continue
        // Who sends a webhook has no key, and is refused for want of a signature.
        if (path.startsWith('/v1/hooks/')) continue
        // It makes a secret of the caller's own environment.
        if (method === 'PUT' && path === '/v1/secrets/{name}') continue
        const id = path.startsWith('/v1/approvals')
          ? approval?.id
          : path.startsWith('/v1/sessions')
            ? run.sessionId
            : path.startsWith('/v1/api-keys')
              ? key?.id
              : path.startsWith('/v1/model-calls')
                ? call
                : run.id
        const target = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) =>
          name === 'id' ? (id ?? '') : path.startsWith('/v1/secrets') ? 'ORDERS_API_KEY' : (names[name] ?? 'x'),
        )
        const query = path.endsWith('/diff')
          ? `?from=${'0'.repeat(64)}&to=${'0'.repeat(64)}`
          : path.endsWith('/context')
            ? '?step=1'
            : ''
        const body = method === 'GET' ? undefined : bodies[path]
        const response = await fetch(url + target + query, {
          method,
          headers: {
            authorization: `Bearer ${foreignKey}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          body: body === undefined ? null : JSON.stringify(body),
        })
        const answer = await response.text()
        const listed = path.endsWith('/versions') ? [200, 404] : [404]
        expect([method, path, listed.includes(response.status) ? 'hidden' : answer]).toEqual([method, path, 'hidden'])
        expect(answer).not.toContain('"agent":"clerk"')
      }
      const client = createClient({ baseUrl: platform.url, apiKey: foreignKey })
      expect((await client.runs.list()).data).toEqual([])
      expect((await client.approvals.list()).data).toEqual([])
      expect((await client.agents.list()).data).toEqual([])
      expect((await client.secrets.list()).data).toEqual([])
      await client.secrets.set('ORDERS_API_KEY', { value: 'of somebody else' })
      await expect(client.runs.create({ agent: 'clerk', input: 'go' })).rejects.toMatchObject({ code: 'not-found' })
      await expect(client.runs.create({ agent: 'clerk', input: 'go', sessionId: run.sessionId })).rejects.toMatchObject(
        { code: 'not-found' },
      )
    }
    await expect(
      createClient({ baseUrl: url, apiKey: stage.key, environment: 'dev' }).runs.list(),
    ).rejects.toMatchObject({ code: 'environment-mismatch' })
    expect(await admin.runs.get(run.id)).toMatchObject({ status: 'waiting' })
    expect((await admin.secrets.list()).data).toMatchObject([{ name: 'ORDERS_API_KEY', version: 1 }])
  })

  test('of each role is what its rights say [H2.roles, H2.keys-bounded]', async () => {
    await using started = await world(kind)
    const attempts = {
      'runs:write': (client: Awaited<ReturnType<typeof started.causeway.clientOf>>) =>
        client.runs.create({ agent: 'clerk', input: 'go' }),
      'runs:read': (client: typeof started.causeway.admin) => client.runs.list(),
      'manifests:write': (client: typeof started.causeway.admin) => client.manifests.apply({ manifests: [] }),
      'keys:write': (client: typeof started.causeway.admin) =>
        client.apiKeys.create({ name: Math.random().toString(36), role: 'viewer' }),
      'keys:read': (client: typeof started.causeway.admin) => client.apiKeys.list(),
      'audit:read': (client: typeof started.causeway.admin) => client.audit.list(),
      'members:write': (client: typeof started.causeway.admin) =>
        client.teams.create({ name: `team-${Math.random().toString(36).slice(2)}` }),
      'approvals:decide': (client: typeof started.causeway.admin) => client.approvals.decide('x', { outcome: 'deny' }),
    } as const
    for (const role of ['admin', 'developer', 'operator', 'reviewer', 'viewer'] satisfies Role[]) {
      const client = await started.causeway.clientOf(role)
      for (const [right, attempt] of Object.entries(attempts)) {
        const code = await attempt(client).then(
          () => 'ok',
          (error: { code?: string }) => error.code,
        )
        const allowed = rightsOfRole[role].some(each => each === right)
        expect([role, right, code !== 'missing-right']).toEqual([role, right, allowed])
      }
    }
    const restricted = await started.causeway.admin.apiKeys.create({
      name: 'keys only',
      role: 'admin',
      rights: ['keys:write'],
    })
    await expect(
      createClient({ baseUrl: started.causeway.url, apiKey: restricted.key }).apiKeys.create({
        name: 'more',
        role: 'admin',
      }),
    ).rejects.toMatchObject({ code: 'missing-right' })
  })
})
