import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '@causeway/sdk'

/** Options that every command takes. */
export interface GlobalOptions {
  url?: string
  key?: string
  environment?: string
  json?: boolean
  verbose?: boolean
}

/** Something that the reader can mend; shown without a stack. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  readonly exitCode: number
  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** The client that the options, the environment and the data folder give. */
export function connect(options: GlobalOptions): { client: Client; url: string } {
  const { CAUSEWAY_URL, CAUSEWAY_PORT, CAUSEWAY_API_KEY, CAUSEWAY_ENVIRONMENT, CAUSEWAY_DATA } = process.env
  const url = options.url ?? CAUSEWAY_URL ?? `http://127.0.0.1:${CAUSEWAY_PORT || '4100'}`
  if (!URL.canParse(url)) throw new CommandError(`"${url}" is not an address. Give one like http://127.0.0.1:4100.`, 2)
  const apiKey = options.key ?? (CAUSEWAY_API_KEY || adminKey(CAUSEWAY_DATA || '.causeway'))
  const environment = options.environment ?? CAUSEWAY_ENVIRONMENT
  return { client: createClient({ baseUrl: url, apiKey, ...(environment && { environment }) }), url }
}

function adminKey(dataFolder: string): string {
  const path = join(dataFolder, 'admin-key')
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    throw new CommandError(
      `No API key: set CAUSEWAY_API_KEY, give --key, or run this where ${path} is (npm start makes it).`,
      2,
    )
  }
}
