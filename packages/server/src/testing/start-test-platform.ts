import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '@causeway/sdk'
import type { ManifestInput, Role } from '@causeway/contracts'
import { readConfig } from '../config/index.ts'
import { createTestStore, type DatabaseKind, type TestStore } from '../database/testing/index.ts'
import { startPlatform, type Platform } from '../platform.ts'
import { createLogger } from '../telemetry/index.ts'

/** A whole platform for a test: real database, real sockets, in process. */
export interface TestPlatform extends AsyncDisposable {
  readonly url: string
  readonly platform: Platform
  readonly store: TestStore
  readonly dataFolder: string
  /** Client of the administrator. */
  readonly admin: Client
  readonly adminKey: string
  /** A client with a new key. */
  clientOf(
    role: Role,
    options?: { environment?: string; expiresInSeconds?: number },
  ): Promise<Client & { key: string; id: string }>
  apply(...manifests: ManifestInput[]): Promise<void>
}

export interface TestPlatformOptions {
  kind: DatabaseKind
  environment?: Record<string, string>
  consoleFolder?: string
}

export async function startTestPlatform({
  kind,
  environment = {},
  consoleFolder,
}: TestPlatformOptions): Promise<TestPlatform> {
  await using parts = new AsyncDisposableStack()
  const store = parts.use(await createTestStore(kind))
  const { dataFolder } = store
  const config = readConfig({
    CAUSEWAY_DATA: dataFolder,
    CAUSEWAY_PORT: '0',
    CAUSEWAY_LOG_LEVEL: 'silent',
    CAUSEWAY_DRAIN_SECONDS: '0',
    ...(store.url !== undefined && { DATABASE_URL: store.url }),
    ...environment,
  })
  const platform = parts.use(
    await startPlatform({
      config,
      logger: createLogger({ level: config.logLevel }),
      environment,
      version: '0.0.0',
      consoleFolder: consoleFolder ?? join(dataFolder, 'no-console'),
    }),
  )
  const adminKey = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
  const admin = createClient({ baseUrl: platform.url, apiKey: adminKey })
  let keys = 0
  const owned = parts.move()
  return {
    url: platform.url,
    platform,
    store,
    dataFolder,
    admin,
    adminKey,
    async clientOf(role, { environment: bound, expiresInSeconds } = {}) {
      const created = await admin.apiKeys.create({
        name: `${role}-${++keys}`,
        role,
        ...(bound && { environment: bound }),
        ...(expiresInSeconds && { expiresInSeconds }),
      })
      return Object.assign(createClient({ baseUrl: platform.url, apiKey: created.key, maxRetries: 0 }), {
        key: created.key,
        id: created.id,
      })
    },
    async apply(...manifests) {
      await admin.manifests.apply({ manifests })
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  }
}
