import { expect, test } from 'vitest'
import { createAudit } from '../../audit/index.ts'
import { anyKind, openTestDatabase } from '../../database/testing/index.ts'
import { createOrganisation } from '../../identity/index.ts'
import { createFolderOf } from './folder-of.ts'

test('each environment has a folder of its own, those of projects too, and none leads into another [H3.vault, H1.projects]', async () => {
  await using database = await openTestDatabase(anyKind)
  const { organisationId } = await database.transaction(transaction =>
    createOrganisation(transaction, createAudit(), 'ours'),
  )
  const folderOf = createFolderOf({ database, template: 'causeway/{organisation}/{environment}' })
  const folderIn = async (name: string): Promise<string> => {
    const id = `env_${name}`
    await database.kysely.insertInto('environments').values({ id, organisation_id: organisationId, name }).execute()
    return folderOf({ organisationId, environmentId: id })
  }
  expect(await folderIn('trial')).toBe('causeway/ours/trial')
  expect(await folderIn('harbour/dev')).toBe('causeway/ours/harbour--dev')
  await expect(folderIn('../theirs')).rejects.toThrow('cannot stand in the path of a secret')
  await expect(folderIn('a/b/c')).rejects.toThrow('cannot stand in the path of a secret')
})
