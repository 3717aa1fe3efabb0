import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closeEnvelope, openEnvelope, rewrapKey } from './envelope.ts'
import { masterKeyFrom, newMasterKeyText, type MasterKey } from './master-key.ts'
import { createMasterKeys } from './master-keys.ts'

const keyOf = (text = newMasterKeyText()): MasterKey => {
  const key = masterKeyFrom(text)
  if (!key) throw new Error('no key')
  return key
}
// What Node says of a tag that does not fit.
const unauthentic = 'unable to authenticate data'
const owner = { organisationId: 'org', environmentId: 'dev', name: 'KEY', version: 1 }

function folder(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'causeway-key-'))
  return { path: join(path, 'data', 'master-key'), [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('an envelope opens for its owner under its master key and for nobody else [H3.encrypted-store, H1.tenancy]', () => {
  const [key, other] = [keyOf(), keyOf()]
  const envelope = closeEnvelope(key, owner, 'värde €\n')
  expect(openEnvelope(key, owner, envelope)).toBe('värde €\n')
  expect(JSON.stringify(envelope)).not.toContain('värde')
  expect(() => openEnvelope(other, owner, envelope)).toThrow(unauthentic)
  for (const stranger of [
    { ...owner, organisationId: 'other' },
    { ...owner, environmentId: 'prod' },
    { ...owner, name: 'KEY_2' },
    { ...owner, version: 2 },
  ])
    expect(() => openEnvelope(key, stranger, envelope)).toThrow(unauthentic)
  for (const part of ['wrappedKey', 'ciphertext'] as const) {
    const bytes = Buffer.from(envelope[part], 'base64')
    for (const index of bytes.keys()) {
      const changed = Buffer.from(bytes)
      changed.writeUInt8(changed.readUInt8(index) ^ 1, index)
      expect(() => openEnvelope(key, owner, { ...envelope, [part]: changed.toString('base64') })).toThrow(unauthentic)
    }
  }
})

test('two envelopes of one value have nothing in common, and a data key goes under another master key without its value', () => {
  const [from, to] = [keyOf(), keyOf()]
  const [one, other] = [closeEnvelope(from, owner, 'value'), closeEnvelope(from, owner, 'value')]
  expect(one.ciphertext).not.toBe(other.ciphertext)
  const wrappedKey = rewrapKey({ from, to }, owner, one.wrappedKey)
  expect(openEnvelope(to, owner, { ...one, wrappedKey })).toBe('value')
  expect(() => openEnvelope(from, owner, { ...one, wrappedKey })).toThrow(unauthentic)
})

test('the file of master keys is made once, read by its owner only, and keeps the keys from before [H3.master-key-rotation]', () => {
  using place = folder()
  const { path } = place
  const keys = createMasterKeys({ configured: [], path })
  const first = keys.newestOrMade()
  expect(createMasterKeys({ configured: [], path }).newestOrMade().id).toBe(first.id)
  const second = keys.make()
  expect(keys.newestOrMade().id).toBe(second?.id)
  expect(keys.find(first.id)).toEqual(first)
  expect(readFileSync(path, 'utf8').split('\n')).toEqual([
    second?.bytes.toString('base64'),
    first.bytes.toString('base64'),
    '',
  ])
  expect(() => keys.find('0000000000000000')).toThrow(/0000000000000000.*does not have: set CAUSEWAY_MASTER_KEY/)
  // What another process has added is found.
  const beside = createMasterKeys({ configured: [], path })
  const third = keys.make()
  expect(beside.find(third?.id ?? '')).toEqual(third)

  chmodSync(path, 0o640)
  expect(() => createMasterKeys({ configured: [], path }).newestOrMade()).toThrow(`Run "chmod 600 ${path}".`)
  writeFileSync(path, 'no key\n')
  chmodSync(path, 0o600)
  expect(() => createMasterKeys({ configured: [], path }).newestOrMade()).toThrow('32 bytes in base64')
})
