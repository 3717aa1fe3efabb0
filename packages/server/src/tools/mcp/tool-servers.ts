import { setTimeout as sleep } from 'node:timers/promises'
import { CausewayError, type ManifestOf, type SecretHandle, type ToolAsks } from '@causeway/contracts'
import { Client, StreamableHTTPClientTransport, type ClientOptions, type Transport } from '@modelcontextprotocol/client'
import type { Scope } from '../../database/index.ts'
import type { Egress } from '../../egress/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { handlesIn, type Secrets } from '../../secrets/index.ts'
import type { Program, Programs } from './programs.ts'
import type { SignedIn, ToolSignIn } from '../sign-in.ts'
import type { ToolDefinition } from './tool-definition.ts'

export interface ToolServersDependencies {
  manifests: Manifests
  secrets: Secrets
  egress: Egress
  programs: Programs
  signIn: ToolSignIn
  version: string
}

/** A connection to a server whose tools are used. */
export interface ToolServerConnection extends AsyncDisposable {
  client: Client
  /** All that it offers now. @throws CausewayError tool-failed for a list without end */
  definitions(): Promise<ToolDefinition[]>
  /** All pages of a list. @throws CausewayError tool-failed for one without end */
  list<Item>(
    page: (client: Client, from: { cursor?: string }) => Promise<{ items: Item[]; nextCursor: string | undefined }>,
  ): Promise<Item[]>
  /** What the server answers, without credentials. @throws CausewayError tool-failed with what it says against it */
  ask<Answer>(question: (client: Client) => Promise<Answer>): Promise<Answer>
  /** Takes credentials out of what the server says. */
  redact(text: string): string
  /** What went wrong with it, in words for a model. */
  failure(cause: unknown): string
}

/** The servers of an environment. */
export interface ToolServers {
  /** @throws CausewayError not-found, egress-denied, sandbox-unavailable, tool-failed when it cannot be reached */
  open(scope: Scope, name: string, signal: AbortSignal, asks?: ToolAsks): Promise<ToolServerConnection>
}

type Values = Readonly<Record<string, string | SecretHandle>>

const listedAtMost = 1000
const pagesAtMost = 50
const leaveAtMostMs = 5000

export function createToolServers({
  manifests,
  secrets,
  egress,
  programs,
  signIn,
  version,
}: ToolServersDependencies): ToolServers {
  const resolved = async (scope: Scope, values: Values): Promise<Record<string, string>> => {
    await secrets.ready(scope, handlesIn(values))
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [
        name,
        typeof value === 'string' ? value : secrets.resolve(scope, value, 'tool'),
      ]),
    )
  }
  const transportTo = async (
    scope: Scope,
    { spec: { transport } }: ManifestOf<'ToolServer'>,
  ): Promise<Partial<Program> & { transport: Transport; signedIn?: SignedIn | undefined }> => {
    if (transport.type === 'mcp-stdio') return programs.start(transport, await resolved(scope, transport.environment))
    const signedIn = transport.auth && (await signIn({ scope, onBehalfOf: null }, transport.auth))
    const headers = { ...(await resolved(scope, transport.headers)), ...signedIn?.headers }
    const http = new StreamableHTTPClientTransport(new URL(transport.url), {
      // The types of undici and of Node for the same standard differ in names only.
      fetch: async (url: string | URL, init?: RequestInit) => {
        const response = await egress.fetch(url, init as never)
        if (response.status === 401) signedIn?.forget()
        return response
      },
      requestInit: { headers },
      reconnectionOptions: {
        maxRetries: 0,
        initialReconnectionDelay: 0,
        maxReconnectionDelay: 0,
        reconnectionDelayGrowFactor: 1,
      },
    })
    return { transport: http, signedIn }
  }

  return {
    async open(scope, name, signal, asks) {
      const server = await manifests.active(scope, 'ToolServer', name)
      if (!server) throw new CausewayError('not-found', `There is no tool server ${name} here.`)
      const client = new Client({ name: 'causeway', version }, asks && askable(asks))
      const { transport, signedIn, killed } = await transportTo(scope, server.manifest)
      try {
        await client.connect(transport, { signal })
      } catch (cause) {
        await client.close().catch(() => undefined)
        signal.throwIfAborted()
        throw failureOf(name, killed?.() ?? cause)
      }
      const redact = (text: string): string => secrets.redact(signedIn?.redact(text) ?? text)
      const failure = (cause: unknown): string => killed?.() ?? redact(String(cause)).slice(0, 500)
      const list: ToolServerConnection['list'] = page => allPages(name, from => page(client, from))
      return {
        client,
        redact,
        failure,
        list,
        async ask(question) {
          try {
            return JSON.parse(redact(JSON.stringify(await question(client))))
          } catch (cause) {
            throw new CausewayError('tool-failed', failure(cause), { cause })
          }
        },
        definitions: () =>
          list(async (asked, from) => {
            const { tools, nextCursor } = await asked.listTools(from)
            return { items: tools, nextCursor }
          }),
        // A server or a program may take its time to end; what it has answered need not wait for that.
        [Symbol.asyncDispose]: async () => void leave(client, transport),
      }
    },
  }
}

/** Ends the session that a server may hold for us. Source: MCP 2025-11-25, "Transports", "Session Management", rule 5. */
async function leave(client: Client, transport: Transport): Promise<void> {
  if (transport instanceof StreamableHTTPClientTransport)
    await Promise.race([transport.terminateSession(), sleep(leaveAtMostMs, undefined, { ref: false })]).catch(
      () => undefined,
    )
  await client.close().catch(() => undefined)
}

/** Only the newer revision lets a tool ask in its answer, which can wait; before, it asked while the call was open. */
const askable = (asks: ToolAsks): ClientOptions => ({
  capabilities: Object.fromEntries(asks.map(what => [what, what === 'elicitation' ? { form: {} } : {}])),
  versionNegotiation: { mode: 'auto' },
  inputRequired: { autoFulfill: false },
})

/** Why a server could not be spoken with; the egress guard's own word where it said no. */
function failureOf(server: string, cause: unknown): CausewayError {
  for (let each: unknown = cause; each instanceof Error; each = each.cause)
    if (each instanceof CausewayError) return each
  return new CausewayError('tool-failed', `The tool server ${server} cannot be spoken with: ${String(cause)}`, {
    cause,
  })
}

async function allPages<Item>(
  server: string,
  page: (from: { cursor?: string }) => Promise<{ items: Item[]; nextCursor: string | undefined }>,
): Promise<Item[]> {
  const found: Item[] = []
  let cursor: string | undefined
  for (let pages = 0; pages < pagesAtMost; pages++) {
    const { items, nextCursor } = await page(cursor === undefined ? {} : { cursor })
    found.push(...items)
    if (nextCursor === undefined || nextCursor === cursor) return found
    if (found.length > listedAtMost) break
    cursor = nextCursor
  }
  throw new CausewayError('tool-failed', `The tool server ${server} lists more than ${listedAtMost} things of a kind.`)
}
