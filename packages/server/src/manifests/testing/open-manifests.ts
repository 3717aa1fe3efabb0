import type { ManifestInput } from '@causeway/contracts'
import { createAudit } from '../../audit/index.ts'
import { openTestDatabase, type DatabaseKind } from '../../database/testing/index.ts'
import { createAuthenticator, createOrganisation, type Caller } from '../../identity/index.ts'
import { createManifests, type AdmissionCheck } from '../index.ts'

/** Manifests over an empty database with two organisations. */
export async function openManifests(kind: DatabaseKind, admission: readonly AdmissionCheck[] = []) {
  await using parts = new AsyncDisposableStack()
  const database = parts.use(await openTestDatabase(kind))
  const audit = createAudit()
  const authenticator = createAuthenticator({ database, audit })
  const organisation = async (name: string): Promise<(environment: string) => Promise<Caller>> => {
    const { key } = await database.transaction(transaction => createOrganisation(transaction, audit, name))
    return environment =>
      authenticator.authenticate({ authorization: `Bearer ${key}`, 'causeway-environment': environment })
  }
  const callerIn = await organisation('ours')
  const otherCallerIn = await organisation('theirs')
  const owned = parts.move()
  return {
    database,
    callerIn,
    otherCallerIn,
    /** What one replica has. */
    replica: () => createManifests({ database, audit, admission, requireAllowed: [] }),
    /** Actions on manifests in the audit log, in order. */
    async trail(): Promise<string[]> {
      const rows = await database.kysely
        .selectFrom('audit_log')
        .select(['action', 'subject'])
        .where('action', 'like', 'manifest.%')
        .orderBy('organisation_id')
        .orderBy('sequence')
        .execute()
      return rows.map(({ action, subject }) => `${action} ${subject}`)
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}

export const provider = (name: string, baseUrl = 'http://127.0.0.1:1/v1'): ManifestInput => ({
  kind: 'Provider',
  name,
  spec: { type: 'openai-compatible', baseUrl },
})

export const route = (name: string, ...providers: string[]): ManifestInput => ({
  kind: 'Route',
  name,
  spec: { targets: providers.map(each => ({ provider: each, model: 'm' })) },
})

export const agent = (name: string, instructions: string, model: string): ManifestInput => ({
  kind: 'Agent',
  name,
  spec: { instructions, model },
})
