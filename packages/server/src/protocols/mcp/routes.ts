import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { CausewayError } from '@causeway/contracts'
import { localhostHostValidation, localhostOriginValidation, toNodeHandler } from '@modelcontextprotocol/node'
import { createMcpHandler } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { governedCall, type GovernedCallDependencies } from '../../agents/index.ts'
import { departureOf, traceContextOf, type App } from '../../http/index.ts'
import type { Caller } from '../../identity/index.ts'
import type { AskedStates, ContextLists, ResourceChanges } from '../../tools/index.ts'
import type { AgentContextOptions } from './agent-context.ts'
import { createAgentServer, type AgentServerOptions } from './agent-server.ts'
import { createAskedClient } from './asked-client.ts'
import { createClientSessions, offeredInSession } from './client-sessions.ts'

const bodyLimit = 2 * 1024 * 1024
/** Milliseconds that a server has to list what it offers. */
const listsAtMostMs = 30_000

/** A request as a server of Node gets it always has these. */
type NodeRequest = IncomingMessage & { method: string; url: string }

interface McpDependencies extends GovernedCallDependencies {
  version: string
  /** Whether only this machine can reach the platform. Names of other machines in a request are then those of a rebinding site. */
  isLocal: boolean
  contextLists: ContextLists
  resourceChanges: ResourceChanges
  /** Signs what tools want to see again. */
  askedStates: AskedStates
}

/**
 * The tools of an agent, and resources and prompts that they read, over MCP (streamable HTTP; revisions 2025-11-25 and 2026-07-28), through the same decisions, approvals, effect
 * ledger and labels as in its runs. What has been seen is kept in the session of Causeway that `causeway-session` names, else in one for
 * the key, the agent and the day; sessions of MCP are for what a tool asks while a call is open, and nothing else needs them.
 */
export function mcpRoutes(
  app: App,
  { version, isLocal, contextLists, resourceChanges, askedStates, ...dependencies }: McpDependencies,
): void {
  const sessions = createClientSessions()
  app.addHook('preClose', () => sessions.close())
  const guards = isLocal ? [localhostHostValidation(), localhostOriginValidation()] : []
  app.route({
    method: ['POST', 'GET', 'DELETE'],
    url: '/v1/agents/:name/mcp',
    bodyLimit,
    config: { right: 'runs:write' },
    schema: {
      tags: ['protocols'],
      summary: 'The tools of the agent as an MCP server',
      params: z.object({ name: z.string().max(63) }),
      headers: z
        .object({
          'causeway-session': z.string().max(100).optional().describe('the session to go on with'),
          'causeway-input': z.string().max(20_000).optional().describe('what the user has said, percent-encoded'),
        })
        .loose(),
    },
    handler: async (request, reply) => {
      const { caller, params, headers } = request
      const tools = await toolsOf(dependencies, caller, params.name)
      const named = headers['causeway-session']
      const session = { sessionId: named ?? sessionOfToday(caller, params.name), isNew: named === undefined }
      const left = departureOf(reply)
      const gone = AbortSignal.any([left, AbortSignal.timeout(listsAtMostMs)])
      const trace = traceContextOf(request.headers)
      const input = decoded(headers['causeway-input'] ?? '')
      reply.hijack()
      if (!guards.every(isFree => isFree(request.raw, reply.raw))) return reply
      const offered: AgentContextOptions = {
        asked: createAskedClient(askedStates, {
          scope: caller,
          onBehalfOf: { agent: params.name, user: caller.actor },
        }),
        tools,
        lists: {
          resources: server => contextLists.resources(caller, server, gone),
          resourceTemplates: server => contextLists.resourceTemplates(caller, server, gone),
          prompts: server => contextLists.prompts(caller, server, gone),
          changes: (server, uri, changed, signal) =>
            resourceChanges.follow({ scope: caller, server, uri }, changed, signal),
        },
        call: (tool, values, signal, onProgress) =>
          governedCall(
            dependencies,
            caller,
            {
              ...session,
              agent: params.name,
              input,
              tool,
              arguments: values,
              trace,
              ...(onProgress && { onProgress }),
            },
            AbortSignal.any([signal, left]),
          ),
      }
      const serverFor = (offeredTo: AgentServerOptions['offeredTo'], inSession: boolean) =>
        createAgentServer({ agent: params.name, version, tools, offeredTo, inSession })
      const served = await sessions.serve({
        request: request.raw,
        response: reply.raw,
        body: request.body,
        whose: `${caller.keyId} ${caller.environmentId} ${params.name}`,
        offered,
        build: () => serverFor(offeredInSession, true),
      })
      if (served) return reply
      const handler = createMcpHandler(() => serverFor(() => offered, false), { maxRequestBodySize: bodyLimit })
      try {
        await toNodeHandler(handler)(request.raw as NodeRequest, reply.raw, request.body)
      } finally {
        await handler.close()
      }
      return reply
    },
  })
}

async function toolsOf({ manifests }: GovernedCallDependencies, caller: Caller, name: string) {
  const agent = await manifests.active(caller, 'Agent', name)
  if (!agent) throw new CausewayError('not-found', `There is no agent ${name} in ${caller.environment}.`)
  const tools = await Promise.all(agent.manifest.spec.tools.map(tool => manifests.active(caller, 'Tool', tool)))
  return tools.flatMap(tool => (tool ? [tool.manifest] : []))
}

/** What a client has seen must not be forgotten between two calls, and it names no session: a day is longer than most conversations. */
function sessionOfToday({ environmentId, keyId }: Caller, agent: string): string {
  const day = new Date().toISOString().slice(0, 10)
  const name = createHash('sha256')
    .update(JSON.stringify([environmentId, keyId, agent, day]))
    .digest('hex')
  return `session_mcp-${name.slice(0, 32)}`
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    throw new CausewayError('invalid-request', 'The header causeway-input is not percent-encoded.', { cause: error })
  }
}
