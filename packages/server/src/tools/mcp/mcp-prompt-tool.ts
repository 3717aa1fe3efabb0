import { CausewayError } from '@causeway/contracts'
import type { AttemptTool } from '../tool-call.ts'
import { answersIn, askedInputOf } from './asked-input-of.ts'
import type { AskedStates } from './asked-states.ts'
import type { ToolServers } from './tool-servers.ts'

/** Gets a prompt of an MCP server by `name`, filled with `arguments`. Source: MCP, "Prompts". */
export function createMcpPromptTool({ servers, states }: { servers: ToolServers; states: AskedStates }): AttemptTool {
  return async (call, signal) => {
    const { scope, tool, spec } = call
    const { implementation } = spec
    if (implementation.type !== 'mcp-prompts')
      throw new CausewayError('internal', `${tool} does not get prompts of an MCP server.`)
    const { asks } = implementation
    await using server = await servers.open(scope, implementation.server, signal, asks)
    const { values, answers } = answersIn(states, call, asks)
    const prompt = { name: String(values['name']), arguments: textsIn(values['arguments']), ...answers }
    const answer = await server.ask(client =>
      client.getPrompt(prompt, {
        signal,
        timeout: spec.timeoutSeconds * 1000,
        allowInputRequired: asks !== undefined,
      }),
    )
    const asked = askedInputOf(states, call, asks, answer)
    if (asked) return asked
    const { description, messages } = answer
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
