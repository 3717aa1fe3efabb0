import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '@causeway/sdk'
import { createLogger, readConfig, startPlatform } from '@causeway/server'

/** A platform in this process. */
export interface LocalPlatform extends AsyncDisposable {
  readonly url: string
  /** Key of the administrator. */
  readonly apiKey: string
  /** Client of the administrator. */
  readonly client: Client
}

/** Starts a platform over a database, on any free port and without a word. */
export async function startLocalPlatform(
  { dataFolder, url }: { dataFolder: string; url?: string | undefined },
  environment: Record<string, string> = {},
): Promise<LocalPlatform> {
  const platform = await startPlatform({
    config: readConfig({
      CAUSEWAY_DATA: dataFolder,
      CAUSEWAY_PORT: '0',
      CAUSEWAY_LOG_LEVEL: 'silent',
      ...(url !== undefined && { DATABASE_URL: url }),
      ...environment,
    }),
    logger: createLogger({ level: 'silent' }),
    environment: {},
    version: '0',
    consoleFolder: join(dataFolder, 'none'),
  })
  const apiKey = readFileSync(join(dataFolder, 'admin-key'), 'utf8').trim()
  return {
    url: platform.url,
    apiKey,
    client: createClient({ baseUrl: platform.url, apiKey }),
    [Symbol.asyncDispose]: () => platform[Symbol.asyncDispose](),
  }
}
