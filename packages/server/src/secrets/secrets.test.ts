import { CausewayError } from '@causeway/contracts'
import { describe, expect, test } from 'vitest'
import { createHiddenValues, createSecrets, handlesIn } from './index.ts'
import { SecretStoreError, type FoundSecret, type SecretStore } from './secret-store.ts'

const environment = {
  CAUSEWAY_SECRET_ORDERS_API_KEY: 'orders-12345',
  CAUSEWAY_SECRET_ORDERS_LONG: 'orders-12345-and-more',
  CAUSEWAY_SECRET_SHORT: 'abc',
  CAUSEWAY_SECRET_EMPTY: '',
  OPENAI_API_KEY: 'sk-openai-1',
  HOME: '/home/ann',
  DATABASE_URL: 'postgresql://causeway:p%40ssword@localhost/causeway',
}
const scope = { organisationId: 'org', environmentId: 'dev' }

const secretsWith = (more: Partial<Parameters<typeof createSecrets>[0]> = {}) =>
  createSecrets({ environment, hidden: createHiddenValues({}), ...more })

const problemOf = (work: () => unknown): string | undefined => {
  try {
    work()
  } catch (error) {
    return error instanceof CausewayError ? `${error.code}: ${error.message}` : String(error)
  }
  return undefined
}

test('a secret is found under its own name; the keys of model providers are for providers only [C8.provider-keys-not-for-tools, H3.environment]', () => {
  const secrets = secretsWith()
  const resolve = (secret: string, purpose: 'provider' | 'tool') => secrets.resolve(scope, { secret }, purpose)
  expect(resolve('ORDERS_API_KEY', 'tool')).toBe('orders-12345')
  expect(resolve('OPENAI_API_KEY', 'provider')).toBe('sk-openai-1')
  expect(problemOf(() => resolve('OPENAI_API_KEY', 'tool'))).toMatch(
    /^secret-not-found: .*CAUSEWAY_SECRET_OPENAI_API_KEY\.$/,
  )
  expect(problemOf(() => resolve('HOME', 'provider'))).toMatch(/^secret-not-found/)
  expect(problemOf(() => resolve('EMPTY', 'tool'))).toMatch(/^secret-not-found/)
  expect(problemOf(() => resolve('ANTHROPIC_API_KEY', 'provider'))).toContain('or ANTHROPIC_API_KEY')
  expect(problemOf(() => resolve('ABSENT', 'tool'))).toBe(
    'secret-not-found: The secret ABSENT has no value: run "causeway secrets set ABSENT" or set CAUSEWAY_SECRET_ABSENT.',
  )
})

test('values that were given out are taken out of texts, the longest first', () => {
  const secrets = secretsWith()
  expect(secrets.redact('orders-12345')).toBe('orders-12345')
  for (const secret of ['ORDERS_API_KEY', 'ORDERS_LONG', 'SHORT']) secrets.resolve(scope, { secret }, 'tool')
  expect(secrets.redact('a orders-12345 b orders-12345-and-more c abc')).toBe('a [secret] b [secret] c abc')
})

test('the values that logs must not show are known from the start, and those that are looked up from then on [H3.secrets-not-logged]', () => {
  const hidden = createHiddenValues({ ...environment, CAUSEWAY_MASTER_KEY: 'master-key-1', VAULT_TOKEN: 'hvs.token-1' })
  expect(hidden.redact('orders-12345-and-more sk-openai-1 p%40ssword p@ssword master-key-1 hvs.token-1')).toBe(
    '[secret] [secret] [secret] [secret] [secret] [secret]',
  )
  hidden.add('line "one"\nline two')
  expect(hidden.redact(JSON.stringify({ said: 'line "one"\nline two' }))).toBe('{"said":"[secret]"}')
})

test('handles are found wherever they stand in a manifest', () => {
  const spec = { apiKey: [{ secret: 'ONE' }, { secret: 'vault:two#key' }], credentials: { keys: { secret: 'THREE' } } }
  expect(handlesIn(spec)).toEqual([{ secret: 'ONE' }, { secret: 'vault:two#key' }, { secret: 'THREE' }])
})

/** A store that holds what the test says, counts looks and answers when it is told to. */
function storeForTest(description = 'a store', freshMs = 1000) {
  const held = new Map<string, FoundSecret>()
  const store = {
    looks: 0,
    failing: undefined as Error | undefined,
    slow: undefined as Promise<void> | undefined,
    put: (path: string, value: string, use: FoundSecret['use'] = 'any') => held.set(path, { value, use }),
    remove: (path: string) => held.delete(path),
    description,
    freshMs,
    async find(_scope: unknown, { path }: { path: string }) {
      store.looks++
      await store.slow
      if (store.failing) throw store.failing
      return held.get(path)
    },
  }
  return store satisfies SecretStore
}

const settled = () => new Promise(resolve => setImmediate(resolve))

describe('what is looked up in a store', () => {
  const handle = { secret: 'vault:orders#key' }
  function world() {
    let now = 1_000_000
    const vault = storeForTest('Vault at http://vault.example')
    const secrets = secretsWith({ external: { vault }, clock: () => now })
    return {
      vault,
      secrets,
      pass: (milliseconds: number) => void (now += milliseconds),
      value: () => secrets.resolve(scope, handle, 'tool'),
      ready: () => secrets.ready(scope, [handle]),
    }
  }

  test('is asked for once by all who wait, and then nobody waits [H3.cached-without-waiting]', async () => {
    const { vault, secrets, value, ready, pass } = world()
    vault.put('orders', 'v1')
    await Promise.all(Array.from({ length: 50 }, async () => ready()))
    expect([vault.looks, value()]).toEqual([1, 'v1'])
    vault.put('orders', 'v2')
    expect(ready()).toBeUndefined()
    // No longer fresh: still nobody waits, and the new value comes in the meantime.
    pass(1500)
    expect(Array.from({ length: 50 }, () => ready())).not.toContainEqual(expect.any(Promise))
    expect(value()).toBe('v1')
    await settled()
    expect([vault.looks, value()]).toEqual([2, 'v2'])
    // Too old to be used without a look.
    vault.put('orders', 'v3')
    pass(6000)
    await ready()
    expect([vault.looks, value()]).toEqual([3, 'v3'])
    // Another environment has values of its own.
    expect(problemOf(() => secrets.resolve({ ...scope, environmentId: 'prod' }, handle, 'tool'))).toMatch(
      /^secret-store-unavailable/,
    )
  })

  test('is used while the store is down, for a quarter of an hour, and asked for again at most once a second [H3.stale-for-a-bounded-time]', async () => {
    const { vault, value, ready, pass } = world()
    vault.put('orders', 'v1')
    await ready()
    vault.failing = new SecretStoreError('Vault at http://vault.example does not answer (ECONNREFUSED). Start it.')
    pass(10 * 60_000)
    await ready()
    expect(value()).toBe('v1')
    const { looks } = vault
    for (let request = 0; request < 20; request++) expect(ready()).toBeUndefined()
    expect(vault.looks).toBe(looks)
    pass(5 * 60_000)
    await ready()
    expect(problemOf(value)).toBe(
      'secret-store-unavailable: The secret vault:orders#key cannot be read. Vault at http://vault.example does not answer (ECONNREFUSED). Start it.',
    )
    vault.failing = undefined
    pass(1100)
    await ready()
    expect(value()).toBe('v1')
  })

  test('is gone when the store says so, and is there soon after it was put there', async () => {
    const { vault, value, ready, pass } = world()
    await ready()
    expect(problemOf(value)).toBe(
      'secret-not-found: The secret vault:orders#key has no value: put it into Vault at http://vault.example.',
    )
    vault.put('orders', 'v1')
    pass(5100)
    await ready()
    expect(value()).toBe('v1')
    vault.remove('orders')
    pass(5100)
    await ready()
    expect(problemOf(value)).toMatch(/^secret-not-found/)
  })

  test('is looked up anew after it was refused, but not over and over [C8.rotated-keys-are-taken]', async () => {
    const { vault, secrets, value, ready, pass } = world()
    vault.freshMs = 60_000
    vault.put('orders', 'v1')
    await ready()
    vault.put('orders', 'v2')
    secrets.doubt(scope, [handle])
    expect(ready()).toBeUndefined()
    pass(2100)
    secrets.doubt(scope, [handle])
    await ready()
    expect([value(), vault.looks]).toEqual(['v2', 2])
  })

  test('says nothing of what is inside an error that nobody has foreseen', async () => {
    const { vault, value, ready } = world()
    vault.failing = new Error('parsing {"key":"s3cret-value"}')
    await ready()
    expect(problemOf(value)).toMatch(/^secret-store-unavailable: /)
    expect(problemOf(value)).not.toContain('s3cret')
  })

  test('of a store that is not configured tells which setting is missing', async () => {
    const { secrets } = world()
    expect(secrets.ready(scope, [{ secret: 'aws:orders' }])).toBeUndefined()
    expect(problemOf(() => secrets.resolve(scope, { secret: 'aws:orders' }, 'tool'))).toBe(
      'secret-store-unavailable: The store of the secret aws:orders is not configured: set CAUSEWAY_AWS_SECRETS_REGION and AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY and start again.',
    )
  })
})

test('a value in the platform’s own store counts before one in the environment, and what is for providers is for no tool [H3.own-store-first, C8.provider-keys-not-for-tools]', async () => {
  const own = storeForTest()
  own.put('ORDERS_API_KEY', 'from-the-store')
  own.put('MISTRAL_API_KEY', 'mistral-1', 'providers')
  const secrets = secretsWith({ own })
  const handles = ['ORDERS_API_KEY', 'ORDERS_LONG', 'MISTRAL_API_KEY'].map(secret => ({ secret }))
  await secrets.ready(scope, handles)
  expect(secrets.resolve(scope, { secret: 'ORDERS_API_KEY' }, 'tool')).toBe('from-the-store')
  expect(secrets.resolve(scope, { secret: 'ORDERS_LONG' }, 'tool')).toBe('orders-12345-and-more')
  expect(secrets.resolve(scope, { secret: 'MISTRAL_API_KEY' }, 'provider')).toBe('mistral-1')
  expect(problemOf(() => secrets.resolve(scope, { secret: 'MISTRAL_API_KEY' }, 'tool'))).toBe(
    'secret-not-found: The secret MISTRAL_API_KEY is for providers only; a tool does not get it.',
  )
})
