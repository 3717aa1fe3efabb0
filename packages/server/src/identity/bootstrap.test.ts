import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { createAudit } from '../audit/index.ts'
import { databaseKinds, openTestDatabase, createTestStore } from '../database/testing/index.ts'
import { bootstrapIdentity, createAuthenticator } from './index.ts'

describe.each(databaseKinds)('first start on %s', kind => {
  test('makes one organisation and leaves its admin key in a file that only the owner can read [H2.first-key-file]', async () => {
    await using database = await openTestDatabase(kind)
    await using store = await createTestStore('embedded')
    const dataFolder = join(store.dataFolder, 'new', 'folder')
    const audit = createAudit()
    const replicas = await Promise.all([1, 2].map(() => bootstrapIdentity({ database, audit, dataFolder })))
    expect(replicas.filter(({ key }) => key !== undefined)).toHaveLength(1)
    const file = join(dataFolder, 'admin-key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readdirSync(dataFolder)).toEqual(['admin-key'])
    const key = readFileSync(file, 'utf8').trim()
    const caller = await createAuthenticator({ database, audit }).authenticate({ authorization: `Bearer ${key}` })
    expect(caller).toMatchObject({ actor: 'user:admin', role: 'admin', environment: 'dev', boundToEnvironment: false })
    expect(await bootstrapIdentity({ database, audit, dataFolder })).toEqual({ key: undefined })
    expect(readFileSync(file, 'utf8').trim()).toBe(key)
  })

  test('a start that failed half way is made good by the next one', async () => {
    await using database = await openTestDatabase(kind)
    await using store = await createTestStore('embedded')
    const { dataFolder } = store
    writeFileSync(join(dataFolder, 'admin-key.draft'), 'half')
    writeFileSync(join(dataFolder, 'admin-key'), 'of another database')
    const audit = createAudit()
    const failing = { record: () => Promise.reject(new Error('power cut')) }
    await expect(bootstrapIdentity({ database, audit: failing, dataFolder })).rejects.toThrow('power cut')
    const { key } = await bootstrapIdentity({ database, audit, dataFolder })
    expect(readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()).toBe(key)
    expect(readFileSync(join(dataFolder, 'admin-key.old'), 'utf8')).toBe('of another database')
  })
})
