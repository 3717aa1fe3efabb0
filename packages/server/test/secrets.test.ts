import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ManifestInput } from '@causeway/contracts'
import { createToolWorld, createScriptedModel } from '@causeway/sdk/testing'
import OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../src/database/index.ts'
import { createTestStore, databaseKinds } from '../src/database/testing/index.ts'
import { createMasterKeys, createOwnStore } from '../src/secrets/index.ts'
import { createLogger } from '../src/telemetry/index.ts'
import { startPlatformProcess } from '../src/testing/platform-process.ts'
import { startTestPlatform, type TestPlatform } from '../src/testing/start-test-platform.ts'

const providerOver = (baseUrl: string): ManifestInput[] => [
  {
    kind: 'Provider',
    name: 'upstream',
    spec: { type: 'openai-compatible', baseUrl, apiKey: { secret: 'UPSTREAM_KEY' } },
  },
  { kind: 'Route', name: 'chat', spec: { targets: [{ provider: 'upstream', model: 'gpt-4o-mini' }] } },
]

const ask = (causeway: TestPlatform) =>
  new OpenAI({ apiKey: causeway.adminKey, baseURL: `${causeway.url}/v1`, maxRetries: 0 }).chat.completions.create({
    model: 'chat',
    messages: [{ role: 'user', content: 'hello' }],
  })

/** Every text of every row. */
async function wholeDatabase({ store }: TestPlatform): Promise<string> {
  const database = await openDatabase({
    url: store.url,
    dataFolder: store.dataFolder,
    logger: createLogger({ level: 'silent' }),
  })
  try {
    const { rows } = await database.pool.query<{ name: string }>(
      "select table_name as name from information_schema.tables where table_schema = 'public'",
    )
    const contents = []
    for (const { name } of rows) contents.push((await database.pool.query(`select * from "${name}"`)).rows)
    return JSON.stringify(contents)
  } finally {
    await database.close()
  }
}

describe.each(databaseKinds)('secrets on %s', kind => {
  test('a key that is set is used at once, replaced without a pause, and stands nowhere in clear [H3.encrypted-store, H3.rotation, H3.write-only, H3.audited, C8.rotation, C8.provider-keys-hidden]', async () => {
    await using model = await createScriptedModel({ respond: () => ({ text: 'hello' }) })
    await using causeway = await startTestPlatform({ kind })
    const { admin, url, adminKey, dataFolder } = causeway
    await causeway.apply(...providerOver(model.baseUrl))
    await expect(ask(causeway)).rejects.toMatchObject({ status: 503, code: 'no-provider-available' })

    await admin.secrets.set('UPSTREAM_KEY', { value: 'first-value-of-the-key', use: 'providers' })
    await ask(causeway)
    await admin.secrets.set('UPSTREAM_KEY', { value: 'second-value-of-the-key' })
    await ask(causeway)
    await admin.secrets.set('UPSTREAM_KEY', { fromVersion: 1 })
    await ask(causeway)
    expect(model.requests.map(({ headers }) => headers['authorization'])).toEqual([
      'Bearer first-value-of-the-key',
      'Bearer second-value-of-the-key',
      'Bearer first-value-of-the-key',
    ])

    const { data } = await admin.secrets.list()
    expect(data).toMatchObject([
      {
        name: 'UPSTREAM_KEY',
        version: 3,
        use: 'providers',
        updatedBy: (await admin.me()).actor,
        usedBy: ['Provider/upstream'],
      },
    ])
    expect(JSON.stringify(data)).not.toContain('value-of-the-key')
    const single = await fetch(`${url}/v1/secrets/UPSTREAM_KEY`, { headers: { 'x-api-key': adminKey } })
    expect(single.status).toBe(404)
    for (const request of [{ fromVersion: 9 }, { fromVersion: 3 }] as const)
      await admin.secrets.set('OTHER', request).then(
        () => expect.fail('it was taken'),
        (error: unknown) => expect(error).toMatchObject({ code: 'not-found' }),
      )
    await expect(admin.secrets.set('lower-case', { value: 'x' })).rejects.toMatchObject({ code: 'invalid-request' })

    await admin.secrets.delete('UPSTREAM_KEY')
    await expect(ask(causeway)).rejects.toMatchObject({ code: 'no-provider-available' })
    await expect(admin.secrets.delete('UPSTREAM_KEY')).rejects.toMatchObject({ code: 'not-found' })
    await admin.secrets.set('UPSTREAM_KEY', { value: 'third-value-of-the-key' })

    const trail = (await admin.audit.list({ subject: 'UPSTREAM_KEY' })).data
    expect(trail.map(({ action, detail }) => [action, detail['version']])).toEqual([
      ['secret.set', 1],
      ['secret.deleted', 3],
      ['secret.set', 3],
      ['secret.set', 2],
      ['secret.set', 1],
    ])
    expect(statSync(join(dataFolder, 'master-key')).mode & 0o777).toBe(0o600)
    await causeway.platform.close()
    const everything = await wholeDatabase(causeway)
    expect(everything).toContain('UPSTREAM_KEY')
    expect(everything).not.toContain('value-of-the-key')
    expect(everything).not.toContain(readFileSync(join(dataFolder, 'master-key'), 'utf8').trim())
  })

  test('a tool gets its header from the store, no key of a provider, and what it repeats does not reach the model [C8.provider-keys-not-for-tools, C8.never-in-prompts]', async () => {
    await using model = await createScriptedModel({
      respond: ({ messages }) =>
        messages.at(-1)?.role === 'user' ? { toolCalls: [{ name: 'lookup', arguments: {} }] } : { text: 'done' },
    })
    await using echo = await createToolWorld({ tools: { lookup: () => ({ you_sent: 'Bearer orders-secret-1' }) } })
    await using causeway = await startTestPlatform({ kind })
    const { admin } = causeway
    const lookup = (secret: string): ManifestInput => ({
      kind: 'Tool',
      name: 'lookup',
      spec: {
        description: 'Looks up.',
        input: { type: 'object' },
        effect: 'read',
        risk: 1,
        implementation: { type: 'http', method: 'POST', url: `${echo.url}/lookup`, headers: { 'x-key': { secret } } },
      },
    })
    const run = async (secret: string) => {
      await causeway.apply(...providerOver(model.baseUrl), lookup(secret), {
        kind: 'Agent',
        name: 'clerk',
        spec: { instructions: 'Help.', model: 'chat', tools: ['lookup'] },
      })
      const { sessionId } = await admin.runs.createAndWait({ agent: 'clerk', input: 'go' })
      return JSON.stringify((await admin.sessions.events(sessionId)).data)
    }
    await admin.secrets.set('UPSTREAM_KEY', { value: 'upstream-secret-1', use: 'providers' })
    await admin.secrets.set('ORDERS_KEY', { value: 'orders-secret-1', use: 'tools' })
    const events = await run('ORDERS_KEY')
    expect(events).toContain('Bearer [secret]')
    expect(JSON.stringify(model.requests.map(({ body }) => body))).not.toContain('orders-secret-1')
    const refused = await run('UPSTREAM_KEY')
    expect(refused).toContain('is for providers only; a tool does not get it')
    expect(echo.calls).toHaveLength(1)
  })

  test(
    'a change of the master key that is killed goes on, and every value is there before and after it [H3.master-key-rotation]',
    { timeout: 60_000 },
    async () => {
      await using store = await createTestStore(kind)
      await using first = await startPlatformProcess(store)
      const names = Array.from({ length: 450 }, (_each, index) => `KEY_${index}`)
      for (let from = 0; from < names.length; from += 30)
        await Promise.all(
          names.slice(from, from + 30).map(name => first.client.secrets.set(name, { value: `value of ${name}` })),
        )
      const [secret] = (await first.client.secrets.list({ limit: 1 })).data
      const before = readFileSync(join(store.dataFolder, 'master-key'), 'utf8')
      const rotating = first.client.secrets.rotateKeys().catch(() => undefined)
      await expect
        .poll(() => readFileSync(join(store.dataFolder, 'master-key'), 'utf8').split('\n').length, { interval: 1 })
        .toBe(3)
      await new Promise(resolve => setTimeout(resolve, 30))
      await first.crash()
      await rotating

      const readAll = async (): Promise<void> => {
        const logger = createLogger({ level: 'silent' })
        const database = await openDatabase({ url: store.url, dataFolder: store.dataFolder, logger })
        try {
          const path = join(store.dataFolder, 'master-key')
          const own = createOwnStore({ database, keys: createMasterKeys({ configured: [], path }) })
          const scope = await database.kysely
            .selectFrom('secrets')
            .select(['organisation_id', 'environment_id'])
            .where('name', '=', secret?.name ?? '')
            .executeTakeFirstOrThrow()
          for (const name of names) {
            const place = { path: name, field: undefined }
            const owner = { organisationId: scope.organisation_id, environmentId: scope.environment_id }
            expect(await own.find(owner, place)).toEqual({ value: `value of ${name}`, use: 'any' })
          }
        } finally {
          await database.close()
        }
      }
      await readAll()
      await using second = await startPlatformProcess(store)
      const goneOn = await second.client.secrets.rotateKeys()
      expect(goneOn).toMatchObject({ total: 450 })
      const keys = readFileSync(join(store.dataFolder, 'master-key'), 'utf8')
      expect(keys.endsWith(before)).toBe(true)
      // What was left is done without another key; if all had been done before the kill, this was a change of its own.
      expect(goneOn.created).toBe(goneOn.rewrapped === 450 && keys.split('\n').length === 4)
      expect(await second.client.secrets.rotateKeys()).toMatchObject({ created: true, rewrapped: 450, total: 450 })
      await second.crash()
      await readAll()
    },
  )
})

test(
  'a replica without the master key of the database says which is missing, and one with the new and the old one goes over to the new one [H3.master-key-rotation]',
  { timeout: 60_000 },
  async () => {
    const [older, newer] = [1, 2].map(byte => Buffer.alloc(32, byte).toString('base64')) as [string, string]
    await using model = await createScriptedModel({ respond: () => ({ text: 'hello' }) })
    await using store = await createTestStore('embedded')
    const start = (masterKeys: Record<string, string>) => startPlatformProcess(store, masterKeys)
    const answers = async ({ url, key }: { url: string; key: string }): Promise<number> => {
      const messages = [{ role: 'user', content: 'hello' }]
      const response = await fetch(`${url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'chat', messages }),
      })
      const body = await response.text()
      if (!response.ok) expect(body).toContain('CAUSEWAY_MASTER_KEY_PREVIOUS')
      return response.status
    }

    await using first = await start({ CAUSEWAY_MASTER_KEY: older })
    await first.client.manifests.apply({ manifests: providerOver(model.baseUrl) })
    await first.client.secrets.set('UPSTREAM_KEY', { value: 'the-value' })
    expect(await first.client.secrets.rotateKeys()).toMatchObject({ created: false, rewrapped: 0, total: 1 })
    expect(existsSync(join(store.dataFolder, 'master-key'))).toBe(false)
    expect(await answers(first)).toBe(200)
    await first.terminate()

    await using without = await start({ CAUSEWAY_MASTER_KEY: newer })
    for (const work of [
      () => without.client.secrets.set('OTHER', { value: 'x' }),
      () => without.client.secrets.rotateKeys(),
    ])
      await expect(work()).rejects.toMatchObject({
        code: 'secret-store-unavailable',
        message: expect.stringMatching(
          /under the master key [0-9a-f]{16}, which this replica does not have: set CAUSEWAY/,
        ),
      })
    expect(await answers(without)).toBe(503)
    await without.terminate()

    await using both = await start({ CAUSEWAY_MASTER_KEY: newer, CAUSEWAY_MASTER_KEY_PREVIOUS: older })
    expect(await answers(both)).toBe(200)
    expect(await both.client.secrets.rotateKeys()).toMatchObject({ created: false, rewrapped: 1, total: 1 })
    await both.terminate()

    await using last = await start({ CAUSEWAY_MASTER_KEY: newer })
    expect(await answers(last)).toBe(200)
  },
)
