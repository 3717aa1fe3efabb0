import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createClient, type Client } from '@causeway/sdk'
import { CommandError } from './command-error.ts'

/** Options that every command takes. */
export interface GlobalOptions {
  url?: string
  key?: string
  environment?: string
  json?: boolean
  verbose?: boolean
}

/** A setting and where it was found, so that a surprise can be explained. */
export interface Setting {
  value: string | undefined
  from: string
}

/** Where the platform is and as whom it is called. */
export interface Settings {
  url: Setting & { value: string }
  key: Setting
  environment: Setting
}

/** The settings that the options, the environment and the data folder give. An empty variable counts as not set. */
export function settingsOf(options: GlobalOptions): Settings {
  const { CAUSEWAY_URL, CAUSEWAY_PORT, CAUSEWAY_API_KEY, CAUSEWAY_ENVIRONMENT, CAUSEWAY_DATA } = process.env
  const port = CAUSEWAY_PORT || '4100'
  const url = firstSet(
    [options.url, '--url'],
    [CAUSEWAY_URL, 'CAUSEWAY_URL'],
    [`http://127.0.0.1:${port}`, CAUSEWAY_PORT ? 'CAUSEWAY_PORT' : 'default'],
  )
  const value = url.value ?? ''
  if (!URL.canParse(value))
    throw new CommandError(`"${value}" is not an address. Give one like http://127.0.0.1:4100.`, 2)
  return {
    url: { from: url.from, value: value.replace(/\/+$/, '') },
    key: firstSet(
      [options.key, '--key'],
      [CAUSEWAY_API_KEY, 'CAUSEWAY_API_KEY'],
      keyFile(CAUSEWAY_DATA || '.causeway'),
    ),
    environment: firstSet(
      [options.environment, '--environment'],
      [CAUSEWAY_ENVIRONMENT, 'CAUSEWAY_ENVIRONMENT'],
      [undefined, 'that of the key, or dev'],
    ),
  }
}

/** The client that the settings give. @throws CommandError without a key */
export function connect(options: GlobalOptions): { client: Client; url: string } {
  const { url, key, environment } = settingsOf(options)
  if (!key.value)
    throw new CommandError(
      `No API key: set CAUSEWAY_API_KEY, give --key, or run this where ${key.from} is (npm start makes it).`,
      2,
    )
  return { client: clientOf({ url, key, environment }), url: url.value }
}

/** A client, with a key or without. */
export const clientOf = ({ url, key, environment }: Settings): Client =>
  createClient({
    baseUrl: url.value,
    ...(key.value && { apiKey: key.value }),
    ...(environment.value && { environment: environment.value }),
  })

function firstSet(...candidates: [value: string | undefined, from: string][]): Setting {
  const [value, from] = candidates.find(([text]) => text) ?? candidates.at(-1) ?? [undefined, '']
  return { value, from }
}

function keyFile(dataFolder: string): [string | undefined, string] {
  const path = join(dataFolder, 'admin-key')
  try {
    return [readFileSync(path, 'utf8').trim(), path]
  } catch {
    return [undefined, path]
  }
}
