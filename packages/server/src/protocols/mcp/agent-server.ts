import { CausewayError, type ManifestOf } from '@causeway/contracts'
import { Server, type CallToolResult, type ServerContext, type Tool } from '@modelcontextprotocol/server'
import { toldDescription, type GovernedEnd, type ToolProgress } from '../../agents/index.ts'
import { askedIn } from '../../tools/index.ts'
import { contextCapabilities, offerContext, type AgentContextOptions } from './agent-context.ts'
import { answersNow } from './asked-client.ts'
import { waitingText } from './waiting-text.ts'

type GovernedTool = Pick<ManifestOf<'Tool'>, 'name' | 'spec'>

export interface AgentServerOptions {
  agent: string
  version: string
  /** What the agent has when the server begins, which says what the server can do. */
  tools: readonly GovernedTool[]
  /** What is offered to one request. */
  offeredTo: (context: ServerContext) => AgentContextOptions
  /** Whether the client can be told and asked while a call is open. */
  inSession: boolean
}

/** How often a tool may ask in one call of a client. */
const questionsAtMost = 10

/** The tools of an agent, and what they bring of resources and prompts, as an MCP server. Source: https://modelcontextprotocol.io/specification/2026-07-28/server/tools */
export function createAgentServer({ agent, version, tools, offeredTo, inSession }: AgentServerOptions): Server {
  const capabilities = { tools: {}, ...contextCapabilities(tools, inSession), ...(inSession && { logging: {} }) }
  const server = new Server({ name: `causeway-${agent}`, version }, { capabilities })
  offerContext(server, tools, { offeredTo, inSession })
  server.setRequestHandler('tools/list', (_request, context) => ({ tools: offeredTo(context).tools.map(toolOf) }))
  server.setRequestHandler('tools/call', async ({ params: { name, arguments: given = {} } }, context) => {
    const { mcpReq } = context
    const { asked, call } = offeredTo(context)
    try {
      let values = asked.answered(name, given, mcpReq)
      for (let questions = 0; ; questions++) {
        const end = await call(name, values, mcpReq.signal, progressTo(mcpReq))
        if (inSession) await tellLog(mcpReq, end)
        const question = end.state === 'settled' && 'outcome' in end.event ? askedIn(end.event.content) : undefined
        if (!question) return resultOf(end)
        if (!inSession) return asked.ask(name, question, mcpReq)
        if (questions === questionsAtMost) return failed(`tool-failed: ${name} asks without end.`)
        values = { ...values, ...(await answersNow(server, name, question, mcpReq)) }
      }
    } catch (error) {
      if (error instanceof CausewayError) return failed(`${error.code}: ${error.message}`)
      throw error
    }
  })
  return server
}

/** Tells a client what the log of a run has of its call. Words of tools are not in it. Source: MCP 2025-11-25, "Logging". */
async function tellLog({ log }: ServerContext['mcpReq'], { runId, log: events }: GovernedEnd): Promise<void> {
  for (const { type, sequence, at } of events) await log('info', { event: type, runId, sequence, at }, 'causeway')
}

/** Tells the client how far a tool is, where it wants to know. Source: MCP, "Progress". */
function progressTo({ _meta, notify }: ServerContext['mcpReq']): ((progress: ToolProgress) => void) | undefined {
  const progressToken = _meta?.progressToken
  if (progressToken === undefined) return undefined
  return ({ progress, total }) => {
    const params = { progressToken, progress, ...(total !== undefined && { total }) }
    // A client that has left is told nothing more.
    void notify({ method: 'notifications/progress', params }).catch(() => undefined)
  }
}

/** A tool as clients see it. What it is annotated with is what its manifest says, which was reviewed. */
const toolOf = ({ name, spec }: GovernedTool): Tool => ({
  name,
  description: toldDescription(spec),
  inputSchema: { ...spec.input, type: 'object' },
  ...(spec.output?.['type'] === 'object' &&
    !spec.result.handle && { outputSchema: { ...spec.output, type: 'object' } }),
  annotations: {
    readOnlyHint: spec.effect === 'read',
    destructiveHint: spec.effect === 'irreversible',
    idempotentHint: spec.idempotent || spec.effect === 'read',
    openWorldHint: spec.egress !== undefined,
  },
})

function resultOf(end: GovernedEnd): CallToolResult {
  if (end.state === 'waits') return failed(waitingText(end.approvals))
  const { event } = end
  if (!('outcome' in event)) return failed(`${event.error.code}: ${event.error.message}`)
  if (event.outcome !== 'completed')
    return failed(`${event.error?.code ?? 'tool-failed'}: ${event.error?.message ?? ''}`)
  const { output, handle } = event
  // A model stands behind the client, and is shown no more than one of ours.
  if (handle) return { content: [{ type: 'text', text: handle.told }] }
  // Blocks of MCP as another server has given them; clients say of those that they cannot read what they are.
  if (event.content) return { content: event.content as CallToolResult['content'] }
  const text = typeof output === 'string' ? output : JSON.stringify(output ?? null)
  const isObject = typeof output === 'object' && output !== null && !Array.isArray(output)
  return {
    content: [{ type: 'text', text }],
    ...(isObject && { structuredContent: { ...output } }),
  }
}

const failed = (text: string): CallToolResult => ({ isError: true, content: [{ type: 'text', text }] })
