import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { NodeStreamableHTTPServerTransport } from '@modelcontextprotocol/node'
import { PROTOCOL_VERSION_META_KEY, type Server, type ServerContext } from '@modelcontextprotocol/server'
import * as z from 'zod'
import type { AgentContextOptions } from './agent-context.ts'

/** A request that may be of a session. */
interface SessionRequest {
  request: IncomingMessage
  response: ServerResponse
  body: unknown
  /** Whose session it may be: names the key, the environment and the agent. */
  whose: string
  /** What the agent offers to this request. */
  offered: AgentContextOptions
  build: () => Server
}

/**
 * Sessions of clients of the revision 2025-11-25, through which a tool can ask its client while a call is open, and a client is told of
 * changes of resources. They are in the memory of this replica and hold nothing that is needed otherwise: a request of a session that is not known here is served without one.
 * Source: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#session-management
 */
export interface ClientSessions {
  /** Serves a request of a session, or begins one. @returns whether it was served */
  serve(request: SessionRequest): Promise<boolean>
  /** Ends all of them, with their streams. */
  close(): Promise<void>
}

interface ClientSession {
  transport: NodeStreamableHTTPServerTransport
  whose: string
  usedAt: number
}

const sessionsAtMost = 300
/** Of one key and agent, so that nobody ends those of others by beginning many. */
const ownAtMost = 20
const idleAtMostMs = 30 * 60_000
const sweepMs = 60_000
/** Ended sessions that are remembered. */
const overAtMost = 10_000

/** What the agent offers to the request of a session. */
export const offeredInSession = ({ http }: ServerContext): AgentContextOptions =>
  http?.authInfo?.extra?.['offered'] as AgentContextOptions

export function createClientSessions({ now = Date.now }: { now?: () => number } = {}): ClientSessions {
  // In the order of their last use.
  const sessions = new Map<string, ClientSession>()

  // A client that has ended its session is told so when it goes on with it.
  const over = new Set<string>()
  const forget = (id: string): void => {
    sessions.delete(id)
    over.add(id)
    if (over.size > overAtMost) over.delete(over.values().next().value ?? '')
  }

  const end = async (id: string): Promise<void> => {
    const session = sessions.get(id)
    sessions.delete(id)
    await session?.transport.close()
  }
  const makeRoom = async (whose: string): Promise<void> => {
    const own = [...sessions].filter(([, session]) => session.whose === whose).map(([id]) => id)
    for (const id of own.slice(0, Math.max(0, own.length + 1 - ownAtMost))) await end(id)
    for (const id of [...sessions.keys()].slice(0, Math.max(0, sessions.size + 1 - sessionsAtMost))) await end(id)
  }
  const sweep = setInterval(() => {
    for (const [id, { usedAt }] of sessions) if (now() - usedAt > idleAtMostMs) void end(id)
  }, sweepMs).unref()
  const begin = async (whose: string, build: () => Server): Promise<NodeStreamableHTTPServerTransport> => {
    await makeRoom(whose)
    const transport = new NodeStreamableHTTPServerTransport({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: id => void sessions.set(id, { transport, whose, usedAt: now() }),
      onsessionclosed: forget,
    })
    await build().connect(transport)
    return transport
  }
  const find = (id: string, whose: string): NodeStreamableHTTPServerTransport | undefined => {
    const session = sessions.get(id)
    if (session?.whose !== whose) return undefined
    sessions.delete(id)
    sessions.set(id, { ...session, usedAt: now() })
    return session.transport
  }

  return {
    async serve({ request, response, body, whose, offered, build }) {
      const id = request.headers['mcp-session-id']
      if (typeof id === 'string' && over.has(id)) {
        response.writeHead(404, { 'content-type': 'application/json' })
        response.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"The session has ended."},"id":null}')
        return true
      }
      const transport = typeof id === 'string' ? find(id, whose) : begins(body) ? await begin(whose, build) : undefined
      if (!transport) return false
      const auth = { token: '', clientId: whose, scopes: [], extra: { offered } }
      await transport.handleRequest(Object.assign(request, { auth }), response, body)
      return true
    },
    async close() {
      clearInterval(sweep)
      await Promise.all([...sessions.keys()].map(end))
    },
  }
}

/** Requests of later revisions say of which they are, and begin no session. */
const Beginning = z.object({
  method: z.literal('initialize'),
  params: z.object({ _meta: z.object({ [PROTOCOL_VERSION_META_KEY]: z.undefined() }).optional() }),
})
const begins = (body: unknown): boolean => Beginning.safeParse(body).success
