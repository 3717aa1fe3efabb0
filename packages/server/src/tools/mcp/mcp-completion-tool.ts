import { CausewayError } from '@causeway/contracts'
import * as z from 'zod'
import type { AttemptTool } from '../tool-call.ts'
import type { ToolServers } from './tool-servers.ts'

const Question = z.object({
  ref: z.union([
    z.object({ type: z.literal('ref/prompt'), name: z.string() }),
    z.object({ type: z.literal('ref/resource'), uri: z.string() }),
  ]),
  argument: z.object({ name: z.string(), value: z.string() }),
  context: z.object({ arguments: z.record(z.string(), z.string()).optional() }).optional(),
})

/** Asks an MCP server how the value of an argument could go on. Source: MCP, "Completion". */
export function createMcpCompletionTool({ servers }: { servers: ToolServers }): AttemptTool {
  return async ({ scope, tool, spec, arguments: given }, signal) => {
    const { implementation } = spec
    if (implementation.type !== 'mcp-completions')
      throw new CausewayError('internal', `${tool} does not complete arguments of an MCP server.`)
    const question = Question.safeParse(given)
    if (!question.success)
      throw new CausewayError(
        'invalid-tool-arguments',
        'expected a prompt or a resource template in "ref", and an argument.',
      )
    await using server = await servers.open(scope, implementation.server, signal)
    const { completion } = await server.ask(client =>
      client.complete(question.data, { signal, timeout: spec.timeoutSeconds * 1000 }),
    )
    return completion
  }
}
