import type { AskedStates } from './asked-states.ts'
import { createMcpCompletionTool } from './mcp-completion-tool.ts'
import { createMcpPromptTool } from './mcp-prompt-tool.ts'
import { createMcpResourceTool } from './mcp-resource-tool.ts'
import { createMcpTool } from './mcp-tool.ts'
import type { ToolServers } from './tool-servers.ts'

/** What calls MCP servers, by the type of the implementation. */
export const createMcpTools = (dependencies: { servers: ToolServers; states: AskedStates }) => ({
  mcp: createMcpTool(dependencies),
  'mcp-resources': createMcpResourceTool(dependencies),
  'mcp-prompts': createMcpPromptTool(dependencies),
  'mcp-completions': createMcpCompletionTool(dependencies),
})
