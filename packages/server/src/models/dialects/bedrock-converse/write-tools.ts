import { toolCallsOf } from '../../content.ts'
import type { ModelRequest, ModelTool, ToolChoice } from '../../model-request.ts'
import { cachePointOf } from './write-messages.ts'
import type { ModelFamily } from './model-family.ts'

interface WrittenTools {
  toolConfig?: Record<string, unknown>
  dropped: string[]
}

/** `toolConfig`, which Converse wants whenever the conversation has tool calls, whether or not tools may be called now. */
export function writeTools(request: ModelRequest, own: readonly unknown[], family: ModelFamily): WrittenTools {
  const { toolChoice, parallelToolCalls } = request
  const used = toolsUsed(request)
  const dropped = parallelToolCalls === false ? ['parallel_tool_calls'] : []
  if (request.tools.length + own.length === 0)
    return used.length === 0 ? { dropped } : { toolConfig: { tools: used.map(placeholder) }, dropped }
  if (toolChoice === 'none' && used.length === 0) return { dropped }
  const tools = [...request.tools.flatMap(tool => writeTool(tool, family)), ...own]
  // There is no word for `none`.
  if (toolChoice === 'none') return { toolConfig: { tools }, dropped: [...dropped, 'tool_choice'] }
  return { toolConfig: { tools, ...(toolChoice && { toolChoice: writeChoice(toolChoice) }) }, dropped }
}

function writeTool({ name, description, input, strict, cache }: ModelTool, family: ModelFamily): unknown[] {
  const toolSpec = {
    name,
    ...(description.trim() && { description }),
    inputSchema: { json: { type: 'object', ...input } },
    ...(strict && { strict }),
  }
  // Nova keeps no tools.
  return [{ toolSpec }, ...(cache && family.name === 'claude' ? [cachePointOf(cache)] : [])]
}

function writeChoice(choice: Exclude<ToolChoice, 'none'>): Record<string, unknown> {
  if (typeof choice !== 'string') return { tool: { name: choice.tool } }
  return choice === 'required' ? { any: {} } : { auto: {} }
}

const toolsUsed = ({ messages }: ModelRequest): string[] => [
  ...new Set(
    messages.flatMap(message => {
      if (message.role === 'assistant') return toolCallsOf(message.content).map(({ tool }) => tool)
      return message.role === 'tool' && message.tool ? [message.tool] : []
    }),
  ),
]

const placeholder = (name: string): Record<string, unknown> => ({
  toolSpec: { name, inputSchema: { json: { type: 'object' } } },
})
