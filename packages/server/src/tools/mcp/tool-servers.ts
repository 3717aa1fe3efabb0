import { CausewayError, type ManifestOf, type SecretHandle } from '@causeway/contracts'
import { Client, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client'
import type { Scope } from '../../database/index.ts'
import type { Egress } from '../../egress/index.ts'
import type { Manifests } from '../../manifests/index.ts'
import { handlesIn, type Secrets } from '../../secrets/index.ts'
import type { Programs } from './programs.ts'
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
  /** Takes credentials out of what the server says. */
  redact(text: string): string
}

/** The servers of an environment. */
export interface ToolServers {
  /** @throws CausewayError not-found, egress-denied, sandbox-unavailable, tool-failed when it cannot be reached */
  open(scope: Scope, name: string, signal: AbortSignal): Promise<ToolServerConnection>
}

type Values = Readonly<Record<string, string | SecretHandle>>

const toolsAtMost = 1000
const pagesAtMost = 50

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
  ): Promise<{ transport: Transport; signedIn?: SignedIn | undefined }> => {
    if (transport.type === 'mcp-stdio')
      return { transport: await programs.start(transport, await resolved(scope, transport.environment)) }
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
    async open(scope, name, signal) {
      const server = await manifests.active(scope, 'ToolServer', name)
      if (!server) throw new CausewayError('not-found', `There is no tool server ${name} here.`)
      const client = new Client({ name: 'causeway', version })
      const { transport, signedIn } = await transportTo(scope, server.manifest)
      try {
        await client.connect(transport, { signal })
      } catch (cause) {
        await client.close().catch(() => undefined)
        signal.throwIfAborted()
        throw failureOf(name, cause)
      }
      return {
        client,
        redact: text => secrets.redact(signedIn?.redact(text) ?? text),
        definitions: () => allDefinitions(client, name),
        // A program may take its time to end; what it has answered need not wait for that.
        [Symbol.asyncDispose]: async () => void client.close().catch(() => undefined),
      }
    },
  }
}

/** Why a server could not be spoken with; the egress guard's own word where it said no. */
function failureOf(server: string, cause: unknown): CausewayError {
  for (let each: unknown = cause; each instanceof Error; each = each.cause)
    if (each instanceof CausewayError) return each
  return new CausewayError('tool-failed', `The tool server ${server} cannot be spoken with: ${String(cause)}`, {
    cause,
  })
}

async function allDefinitions(client: Client, server: string): Promise<ToolDefinition[]> {
  const found: ToolDefinition[] = []
  let cursor: string | undefined
  for (let page = 0; page < pagesAtMost; page++) {
    const { tools, nextCursor } = await client.listTools(cursor === undefined ? {} : { cursor })
    found.push(...tools)
    if (nextCursor === undefined || nextCursor === cursor) return found
    if (found.length > toolsAtMost) break
    cursor = nextCursor
  }
  throw new CausewayError('tool-failed', `The tool server ${server} lists more than ${toolsAtMost} tools.`)
}
