import { CausewayError, type ManifestOf } from '@causeway/contracts'
import { Server, type CallToolResult, type Tool } from '@modelcontextprotocol/server'
import { handleHint, type GovernedEnd } from '../../agents/index.ts'

type GovernedTool = Pick<ManifestOf<'Tool'>, 'name' | 'spec'>

export interface AgentServerOptions {
  agent: string
  version: string
  tools: readonly GovernedTool[]
  /** Carries out a call. @throws CausewayError */
  call(tool: string, values: Record<string, unknown>, signal: AbortSignal): Promise<GovernedEnd>
}

/** The tools of an agent as an MCP server, for one request. Source: https://modelcontextprotocol.io/specification/2026-07-28/server/tools */
export function createAgentServer({ agent, version, tools, call }: AgentServerOptions): Server {
  const server = new Server({ name: `causeway-${agent}`, version }, { capabilities: { tools: {} } })
  server.setRequestHandler('tools/list', () => ({ tools: tools.map(toolOf) }))
  server.setRequestHandler('tools/call', async ({ params }, { mcpReq }) => {
    try {
      return resultOf(await call(params.name, params.arguments ?? {}, mcpReq.signal))
    } catch (error) {
      if (error instanceof CausewayError) return failed(`${error.code}: ${error.message}`)
      throw error
    }
  })
  return server
}

/** A tool as clients see it. What it is annotated with is what its manifest says, which was reviewed. */
const toolOf = ({ name, spec }: GovernedTool): Tool => ({
  name,
  description: spec.result.handle ? `${spec.description} ${handleHint}` : spec.description,
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

const waitingText = (approvals: Extract<GovernedEnd, { state: 'waits' }>['approvals']): string =>
  approvals
    .map(
      ({ approvalId, decision }) =>
        `The call waits for a person (${approvalId}): ${decision.reasons.map(({ message }) => message).join(' ')} ` +
        'Call again with the same arguments when it is decided.',
    )
    .join(' ')

const failed = (text: string): CallToolResult => ({ isError: true, content: [{ type: 'text', text }] })
