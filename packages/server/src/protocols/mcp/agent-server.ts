import { CausewayError, type ManifestOf } from '@causeway/contracts'
import { Server, type CallToolResult, type ServerContext, type Tool } from '@modelcontextprotocol/server'
import { toldDescription, type GovernedEnd, type ToolProgress } from '../../agents/index.ts'
import { askedIn } from '../../tools/index.ts'
import { contextCapabilities, offerContext, type AgentContextOptions } from './agent-context.ts'
import { waitingText } from './waiting-text.ts'

type GovernedTool = Pick<ManifestOf<'Tool'>, 'name' | 'spec'>

export interface AgentServerOptions extends AgentContextOptions {
  agent: string
  version: string
}

/** The tools of an agent, and what they bring of resources and prompts, as an MCP server, for one request. Source: https://modelcontextprotocol.io/specification/2026-07-28/server/tools */
export function createAgentServer({ agent, version, ...offered }: AgentServerOptions): Server {
  const { tools, call, asked } = offered
  const capabilities = { tools: {}, ...contextCapabilities(tools) }
  const server = new Server({ name: `causeway-${agent}`, version }, { capabilities })
  offerContext(server, offered)
  server.setRequestHandler('tools/list', () => ({ tools: tools.map(toolOf) }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    const values = asked.answered(params.name, params.arguments ?? {}, mcpReq)
    try {
      const end = await call(params.name, values, mcpReq.signal, progressTo(mcpReq))
      const question = end.state === 'settled' && 'outcome' in end.event ? askedIn(end.event.content) : undefined
      return question ? asked.ask(params.name, question, mcpReq) : resultOf(end)
    } catch (error) {
      if (error instanceof CausewayError) return failed(`${error.code}: ${error.message}`)
      throw error
    }
  })
  return server
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
