import { CausewayError } from '@causeway/contracts'
import type { AttemptTool } from '../tool-call.ts'
import type { ToolServers } from './tool-servers.ts'

/** Gets a prompt of an MCP server by `name`, filled with `arguments`. Source: MCP, "Prompts". */
export function createMcpPromptTool({ servers }: { servers: ToolServers }): AttemptTool {
  return async ({ scope, tool, spec, arguments: { name, arguments: values } }, signal) => {
    const { implementation } = spec
    if (implementation.type !== 'mcp-prompts')
      throw new CausewayError('internal', `${tool} does not get prompts of an MCP server.`)
    await using server = await servers.open(scope, implementation.server, signal)
    const { description, messages } = await server.ask(client =>
      client.getPrompt(
        { name: String(name), arguments: textsIn(values) },
        { signal, timeout: spec.timeoutSeconds * 1000 },
      ),
    )
    return { ...(description !== undefined && { description }), messages }
  }
}

/** Arguments of prompts are texts. */
const textsIn = (values: unknown): Record<string, string> =>
  typeof values === 'object' && values !== null
    ? Object.fromEntries(
        Object.entries(values).map(([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)]),
      )
    : {}
