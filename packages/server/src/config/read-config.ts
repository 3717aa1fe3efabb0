import { isIP } from 'node:net'
import { isAbsolute, resolve } from 'node:path'
import * as z from 'zod'
import { secretStoreSettings, secretStoreVariables, type SecretStoreSettings } from './secret-store-settings.ts'

/** What the operator sets, all of it in environment variables. */
export interface Config {
  host: string
  port: number
  /** Where others reach the platform, without a slash at the end; undefined where that is host and port. */
  publicUrl: string | undefined
  /** The authorization server whose access tokens are taken. */
  oauthIssuer: string | undefined
  dataFolder: string
  databaseUrl: string | undefined
  /** Where replicas share the answers that they keep; undefined where each keeps its own. */
  redisUrl: string | undefined
  logLevel: string
  otlpEndpoint: string | undefined
  localModelPath: string | undefined
  /** Private addresses that tools may reach, as `host:port` or `host:*`. */
  egressAllowed: readonly string[]
  /** Addresses and networks of proxies in front, whose word on the caller's address, host and protocol is taken. */
  trustedProxies: readonly string[]
  /** Folders that programs of tool servers may be shown. Where there are none, no such programs are started. */
  stdioFolders: readonly string[]
  /** Whether they may be started where there is nothing to lock them up in. */
  stdioUnsandboxed: boolean
  secretStores: SecretStoreSettings
  /** Runs that this replica works on at a time. */
  concurrency: number
  /** Runs of one environment that may wait for a worker. */
  queuedRuns: number
  /** Seconds for which a replica that is told to stop goes on, and says that it is not ready, so that balancers turn to others. */
  leaveSeconds: number
  /** Seconds that running work and requests may take to end after that. */
  drainSeconds: number
  /** Days for which records of model calls are kept. */
  keepCallsDays: number
  /** Days after which what was said in a session is erased; never where nothing is set. */
  keepSessionsDays: number | undefined
  /** Days after which rows of the audit log are removed; never where nothing is set. */
  keepAuditDays: number | undefined
}

/** A setting that cannot be used. The message is one sentence that names the variable and what it may be. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
}

/** Whether an address to listen on is one that only this machine reaches. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.')

const listed = (text: string): string[] =>
  text
    .split(',')
    .map(each => each.trim())
    .filter(Boolean)

/** Whether the web framework takes it as one or many addresses. */
function isNetwork(text: string): boolean {
  if (['loopback', 'uniquelocal', 'linklocal'].includes(text)) return true
  const [address = '', prefix, ...rest] = text.split('/')
  const bits = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0
  if (bits === 0 || rest.length > 0) return false
  return prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits)
}

/** What an operator must say to have programs started without bubblewrap. */
const unsandboxedWords = 'tool servers may do what the platform may'

const Variables = z.object({
  CAUSEWAY_HOST: z.string().min(1).default('127.0.0.1'),
  CAUSEWAY_PORT: z.coerce.number('a port number from 0 to 65535').int().min(0).max(65535).default(4100),
  CAUSEWAY_PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'an http or https address' }).optional(),
  CAUSEWAY_OAUTH_ISSUER: z.url({ protocol: /^https?$/, error: 'an http or https address' }).optional(),
  CAUSEWAY_DATA: z.string().min(1).default('.causeway'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'an address that begins with postgresql://' }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'an address that begins with redis:// or rediss://' }).optional(),
  CAUSEWAY_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('warn'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url({ protocol: /^https?$/, error: 'an http or https address' }).optional(),
  CAUSEWAY_LOCAL_MODEL: z.string().min(1).optional(),
  CAUSEWAY_EGRESS_ALLOW: z.string().default(''),
  CAUSEWAY_TRUST_PROXY: z
    .string()
    .default('')
    .refine(text => listed(text).every(isNetwork), {
      error: 'loopback, uniquelocal, linklocal, or addresses such as 10.0.0.7 and 10.0.0.0/8, with commas between',
    }),
  CAUSEWAY_STDIO_FOLDERS: z
    .string()
    .default('')
    .refine(text => listed(text).every(isAbsolute), { error: 'absolute paths with commas between' }),
  CAUSEWAY_STDIO_UNSANDBOXED: z.literal(unsandboxedWords, { error: `the words "${unsandboxedWords}"` }).optional(),
  ...secretStoreVariables,
  CAUSEWAY_CONCURRENCY: z.coerce.number('a whole number from 1 to 1000').int().min(1).max(1000).default(50),
  CAUSEWAY_QUEUED_RUNS: z.coerce.number('a whole number from 1 to 100000').int().min(1).max(100_000).default(10_000),
  CAUSEWAY_KEEP_CALLS_DAYS: z.coerce.number('a whole number from 1 to 3650').int().min(1).max(3650).default(90),
  CAUSEWAY_KEEP_SESSIONS_DAYS: z.coerce.number('a whole number from 1 to 3650').int().min(1).max(3650).optional(),
  CAUSEWAY_KEEP_AUDIT_DAYS: z.coerce.number('a whole number from 1 to 36500').int().min(1).max(36_500).optional(),
  CAUSEWAY_LEAVE_SECONDS: z.coerce.number('a number of seconds from 0 to 600').min(0).max(600).optional(),
  CAUSEWAY_DRAIN_SECONDS: z.coerce.number('a number of seconds from 0 to 3600').min(0).max(3600).default(20),
})

/** Reads the settings; empty variables count as not set. @throws ConfigError */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const parsed = Variables.safeParse(given)
  if (!parsed.success) throw new ConfigError(parsed.error.issues.map(sentence(given)).join(' '))
  const variables = parsed.data
  const allowed = listed(variables.CAUSEWAY_EGRESS_ALLOW)
  return {
    host: variables.CAUSEWAY_HOST,
    port: variables.CAUSEWAY_PORT,
    publicUrl: variables.CAUSEWAY_PUBLIC_URL?.replace(/\/+$/, ''),
    oauthIssuer: variables.CAUSEWAY_OAUTH_ISSUER,
    dataFolder: resolve(variables.CAUSEWAY_DATA),
    databaseUrl: variables.DATABASE_URL,
    redisUrl: variables.REDIS_URL,
    logLevel: variables.CAUSEWAY_LOG_LEVEL,
    otlpEndpoint: variables.OTEL_EXPORTER_OTLP_ENDPOINT,
    localModelPath: variables.CAUSEWAY_LOCAL_MODEL,
    // A platform that only this machine can reach is somebody's own: its tools stand on the same machine.
    egressAllowed:
      allowed.length === 0 && isLoopback(variables.CAUSEWAY_HOST) ? ['127.0.0.1:*', 'localhost:*'] : allowed,
    trustedProxies: listed(variables.CAUSEWAY_TRUST_PROXY),
    stdioFolders: listed(variables.CAUSEWAY_STDIO_FOLDERS),
    stdioUnsandboxed: variables.CAUSEWAY_STDIO_UNSANDBOXED !== undefined,
    secretStores: secretStoreSettings(variables),
    concurrency: variables.CAUSEWAY_CONCURRENCY,
    queuedRuns: variables.CAUSEWAY_QUEUED_RUNS,
    // Nobody balances to a platform that only this machine can reach.
    leaveSeconds: variables.CAUSEWAY_LEAVE_SECONDS ?? (isLoopback(variables.CAUSEWAY_HOST) ? 0 : 5),
    drainSeconds: variables.CAUSEWAY_DRAIN_SECONDS,
    keepCallsDays: variables.CAUSEWAY_KEEP_CALLS_DAYS,
    keepSessionsDays: variables.CAUSEWAY_KEEP_SESSIONS_DAYS,
    keepAuditDays: variables.CAUSEWAY_KEEP_AUDIT_DAYS,
  }
}

/** The environment as secrets are looked up in it. */
export const processEnvironment = (): Readonly<Record<string, string | undefined>> => process.env

/** Variables whose values are not repeated. */
const carriesSecret = /DATABASE_URL|REDIS_URL|KEY|TOKEN|SECRET/

const sentence =
  (given: Record<string, unknown>) =>
  ({ path, message }: z.core.$ZodIssue): string => {
    const name = path.join('.')
    const shown = carriesSecret.test(name) ? 'what is set' : `"${String(given[name])}"`
    return `${name} cannot be used: expected ${message.replace(/^Invalid (input|option): expected /, '')}, got ${shown}.`
  }
