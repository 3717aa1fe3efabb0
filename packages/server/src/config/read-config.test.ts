import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { ConfigError, readConfig } from './index.ts'

test('without settings it listens on loopback, and its tools reach this machine; empty settings count as none', () => {
  for (const environment of [{}, { CAUSEWAY_PORT: '', DATABASE_URL: '', CAUSEWAY_TRUST_PROXY: '' }])
    expect(readConfig(environment)).toMatchObject({
      host: '127.0.0.1',
      port: 4100,
      dataFolder: resolve('.causeway'),
      databaseUrl: undefined,
      egressAllowed: ['127.0.0.1:*', 'localhost:*'],
      trustedProxies: [],
    })
  expect(readConfig({ CAUSEWAY_HOST: '0.0.0.0' }).egressAllowed).toEqual([])
})

test('lists are taken apart', () => {
  const { trustedProxies, egressAllowed } = readConfig({
    CAUSEWAY_TRUST_PROXY: 'loopback, 10.0.0.0/8,fd00::/8, 192.0.2.1',
    CAUSEWAY_EGRESS_ALLOW: 'tools.internal:443, 10.0.0.7:*',
  })
  expect(trustedProxies).toEqual(['loopback', '10.0.0.0/8', 'fd00::/8', '192.0.2.1'])
  expect(egressAllowed).toEqual(['tools.internal:443', '10.0.0.7:*'])
})

test.each([
  ['CAUSEWAY_PORT', 'abc', 'expected a port number from 0 to 65535, got "abc".'],
  ['CAUSEWAY_PORT', '99999', 'got "99999".'],
  ['CAUSEWAY_PORT', '1.5', 'got "1.5".'],
  ['CAUSEWAY_LOG_LEVEL', 'loud', 'got "loud".'],
  ['CAUSEWAY_TRUST_PROXY', 'true', 'expected loopback, uniquelocal, linklocal, or addresses'],
  ['CAUSEWAY_TRUST_PROXY', '10.0.0.0/33', 'got "10.0.0.0/33".'],
  ['DATABASE_URL', 'mysql://user:hunter2@host', 'expected an address that begins with postgresql://, got what is set.'],
  ['REDIS_URL', 'http://:hunter2@host', 'expected an address that begins with redis:// or rediss://, got what is set.'],
])('%s=%s is refused in one sentence that names what it may be', (name, value, sentence) => {
  const attempt = (): unknown => readConfig({ [name]: value })
  expect(attempt).toThrow(ConfigError)
  expect(attempt).toThrow(`${name} cannot be used: `)
  expect(attempt).toThrow(sentence)
  expect(attempt).not.toThrow('hunter2')
})
