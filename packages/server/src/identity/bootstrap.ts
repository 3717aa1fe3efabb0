import { stages } from '@causeway/contracts'
import { v7 as uuid } from 'uuid'
import { startAuditLog, type Audit } from '../audit/index.ts'
import type { Connection, Database } from '../database/index.ts'
import { insertKey } from './key-store.ts'
import { writeKeyFile } from './key-file.ts'
import { hashSecret, newSecret, prefixOf } from './key-secret.ts'
import {
  firstOrganisation,
  insertEnvironment,
  insertOrganisation,
  insertTeam,
  insertUser,
  lockSetUp,
} from './organisation-store.ts'

/** Creates an organisation with its environments, a team, an administrator and that one's key. @returns the key, which is stored hashed only */
export async function createOrganisation(
  connection: Connection,
  audit: Pick<Audit, 'record'>,
  name: string,
): Promise<{ organisationId: string; key: string }> {
  const organisationId = await insertOrganisation(connection, name)
  await startAuditLog(connection, organisationId)
  for (const stage of stages) await insertEnvironment(connection, organisationId, stage, null)
  const team = await insertTeam(connection, organisationId, 'default')
  const user = await insertUser(connection, organisationId, { name: 'admin', email: null, role: 'admin' })
  const key = newSecret('cw')
  const id = `key_${uuid()}`
  await insertKey(connection, {
    id,
    organisationId,
    environmentId: null,
    teamId: team.id,
    userId: user.id,
    name: 'admin',
    prefix: prefixOf(key),
    hash: hashSecret(key),
    role: 'admin',
    rights: [],
    createdBy: 'causeway',
    expiresAt: null,
  })
  await audit.record(connection, {
    organisationId,
    environment: null,
    actor: 'causeway',
    action: 'organisation.created',
    subject: organisationId,
    detail: { name, key: id },
  })
  return { organisationId, key }
}

/**
 * Sets up an empty database and leaves the first admin key in `admin-key` (mode 0600) of the data folder. The file is complete before
 * the transaction commits: after a crash there is either no organisation, or one whose key stands in the file.
 * @returns the key if it was made now
 */
export async function bootstrapIdentity({
  database,
  audit,
  dataFolder,
}: {
  database: Database
  audit: Pick<Audit, 'record'>
  dataFolder: string
}): Promise<{ key: string | undefined }> {
  if (await firstOrganisation(database.kysely)) return { key: undefined }
  return database.transaction(async transaction => {
    await lockSetUp(transaction)
    if (await firstOrganisation(transaction)) return { key: undefined }
    const { key } = await createOrganisation(transaction, audit, 'default')
    writeKeyFile({ folder: dataFolder, key })
    return { key }
  })
}
